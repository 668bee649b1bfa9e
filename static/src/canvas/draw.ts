/** Draws a whole canvas as blocks and lines on a 2-D context: the far view, the minimap and the pictures on the home page. */
import type { State } from "../schema.gen";
import type { Box } from "./geometry";

export interface Palette {
  block: string;
  blockLine: string;
  line: string;
  ink: string;
  accent: string;
  err: string;
  byState: Record<State, string>;
  font: string;
}

export interface SceneCell extends Box {
  id: string;
  title: string;
  state: State;
}

export interface Scene {
  cells: readonly SceneCell[];
  links: readonly (readonly [number, number])[];
}

export interface SceneOptions {
  transform: readonly [number, number, number];
  palette: Palette;
  selected?: ReadonlySet<string>;
  /** Minimap and thumbnails: solid blocks, no titles, no gauges. */
  plain?: boolean;
  /** Points of peers with their colour, in canvas units. */
  peers?: readonly { at: readonly [number, number]; color: string }[];
}

const TITLE_FROM = 60;

/** Colours from the tokens that hold at an element. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const quiet = token("--line-strong");
  const [accent, part, ok, warn, err] = ["--accent", "--part", "--ok", "--warn", "--err"].map(token) as [string, string, string, string, string];
  return {
    block: token("--surface"),
    blockLine: token("--line"),
    line: quiet,
    ink: token("--ink"),
    accent,
    err,
    font: token("--text-micro"),
    byState: {
      not_run: quiet,
      needs_settings: warn,
      queued: quiet,
      running: accent,
      partial: part,
      done: ok,
      cached: ok,
      stale: warn,
      error: err,
      stopped: quiet,
      blocked: warn,
    },
  };
}

export function drawScene(context: CanvasRenderingContext2D, scene: Scene, options: SceneOptions): void {
  const { transform, palette, plain } = options;
  const [x, y, zoom] = transform;
  const ratio = context.canvas.width / Math.max(1, context.canvas.clientWidth || context.canvas.width);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * x, ratio * y);
  drawLinks(context, scene, palette, zoom);
  if (plain) drawPlain(context, scene, options);
  else drawBlocks(context, scene, options);
  drawSelection(context, scene, options);
  drawPeers(context, options);
}

function drawLinks(context: CanvasRenderingContext2D, { cells, links }: Scene, palette: Palette, zoom: number): void {
  context.beginPath();
  for (const [i, j] of links) {
    const from = cells[i];
    const to = cells[j];
    if (!from || !to) continue;
    context.moveTo(from.x + from.w, from.y + from.h / 2);
    context.lineTo(to.x, to.y + to.h / 2);
  }
  context.lineWidth = 1 / zoom;
  context.strokeStyle = palette.line;
  context.globalAlpha = 0.6;
  context.stroke();
  context.globalAlpha = 1;
}

function drawPlain(context: CanvasRenderingContext2D, { cells }: Scene, { palette, selected }: SceneOptions): void {
  for (const cell of cells) {
    const strong = cell.state === "error" || cell.state === "running" || selected?.has(cell.id);
    context.fillStyle = cell.state === "error" ? palette.err : strong ? palette.accent : palette.line;
    context.globalAlpha = strong ? 0.9 : 0.45;
    context.fillRect(cell.x, cell.y, cell.w, cell.h);
  }
  context.globalAlpha = 1;
}

function drawBlocks(context: CanvasRenderingContext2D, { cells }: Scene, { palette, transform }: SceneOptions): void {
  const zoom = transform[2];
  const gauge = 4 / zoom;
  const byColour = new Map<string, Path2D>();
  const blocks = new Path2D();
  for (const cell of cells) {
    blocks.rect(cell.x, cell.y, cell.w, cell.h);
    const colour = palette.byState[cell.state];
    const path = byColour.get(colour) ?? new Path2D();
    byColour.set(colour, path);
    path.rect(cell.x, cell.y, cell.w, gauge);
    if (cell.state === "error") corner(path, cell, 10 / zoom);
  }
  context.fillStyle = palette.block;
  context.fill(blocks);
  context.lineWidth = 1 / zoom;
  context.strokeStyle = palette.blockLine;
  context.stroke(blocks);
  for (const [colour, path] of byColour) {
    context.fillStyle = colour;
    context.fill(path);
  }
  drawTitles(context, cells, palette, zoom);
}

function corner(path: Path2D, cell: Box, size: number): void {
  path.moveTo(cell.x + cell.w, cell.y + cell.h - size);
  path.lineTo(cell.x + cell.w, cell.y + cell.h);
  path.lineTo(cell.x + cell.w - size, cell.y + cell.h);
  path.closePath();
}

function drawTitles(context: CanvasRenderingContext2D, cells: readonly SceneCell[], palette: Palette, zoom: number): void {
  const wide = cells.filter((cell) => cell.w * zoom >= TITLE_FROM);
  if (wide.length === 0) return;
  const [x, y] = [context.getTransform().e, context.getTransform().f];
  const scale = context.getTransform().a;
  const ratio = scale / zoom;
  context.setTransform(ratio, 0, 0, ratio, x, y);
  context.fillStyle = palette.ink;
  context.font = palette.font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const cell of wide) {
    const room = Math.floor((cell.w * zoom - 8) / 6.2);
    const title = cell.title.length > room ? `${cell.title.slice(0, Math.max(1, room - 1))}…` : cell.title;
    context.fillText(title, (cell.x + cell.w / 2) * zoom, (cell.y + cell.h / 2) * zoom);
  }
  context.setTransform(scale, 0, 0, scale, x, y);
}

function drawSelection(context: CanvasRenderingContext2D, { cells }: Scene, { selected, palette, transform, plain }: SceneOptions): void {
  if (!selected?.size || plain) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 2 / transform[2];
  for (const cell of cells) if (selected.has(cell.id)) context.strokeRect(cell.x, cell.y, cell.w, cell.h);
}

function drawPeers(context: CanvasRenderingContext2D, { peers, transform }: SceneOptions): void {
  for (const { at, color } of peers ?? []) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(at[0], at[1], 4 / transform[2], 0, Math.PI * 2);
    context.fill();
  }
}

/** Sets a canvas' bitmap to its size on screen; says whether it changed. */
export function fitBitmap(canvas: HTMLCanvasElement): void {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
