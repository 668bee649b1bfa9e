/** The tokens a chart is drawn with, and which series gets which data colour. */
import { shownTheme, token } from "../../theme/theme";

export interface Palette {
  data: string[];
  other: string;
  surface: string;
  sunken: string;
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  lineStrong: string;
  accent: string;
  sans: string;
  mono: string;
}

const known = new Map<string, Palette>();

/** Read once per theme, as asking makes the browser settle all styles; a change of theme is a redraw, not a rerun. */
export function readPalette(theme = shownTheme()): Palette {
  const palette = known.get(theme) ?? read();
  known.set(theme, palette);
  return palette;
}

function read(): Palette {
  return {
    data: [1, 2, 3, 4, 5, 6].map((i) => token(`data-${i}`)),
    other: token("ink-3"), surface: token("surface"), sunken: token("sunken"), ink: token("ink"), ink2: token("ink-2"), ink3: token("ink-3"),
    line: token("line"), lineStrong: token("line-strong"), accent: token("accent"), sans: token("sans"), mono: token("mono"),
  };
}

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

/** A slot of six for each category: by hash of column and value, so that it is the same on every chart; collisions move on. */
export function slots(column: string, names: readonly string[]): number[] {
  const taken = new Set<number>();
  return names.map((name, i) => {
    if (/^(other|missing)$/.test(name) || i >= 6) return -1;
    // The sixth colour is the palest: it is only taken when the others are.
    let slot = hash(`${column}\u0000${name}`) % 5;
    while (taken.has(slot)) slot = (slot + 1) % 6;
    taken.add(slot);
    return slot;
  });
}

export function colour(palette: Palette, slot: number): string {
  return palette.data[slot] ?? palette.other;
}

/** `#rrggbb` with an opacity, as Plotly reads it. */
export function faded(hex: string, alpha: number): string {
  return hex + Math.round(alpha * 255).toString(16).padStart(2, "0");
}

/** Surface to teal, for amounts. */
export function sequential(palette: Palette): [number, string][] {
  const base = palette.data[0] ?? palette.accent;
  return [[0, palette.sunken], [0.35, mixed(palette.sunken, base, 0.4)], [1, base]];
}

function mixed(from: string, to: string, share: number): string {
  const parts = (hex: string) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  const [a, b] = [parts(from), parts(to)];
  return `#${a.map((v, i) => Math.round(v + ((b[i] ?? v) - v) * share).toString(16).padStart(2, "0")).join("")}`;
}
