/** Tests of tokens (both themes complete, text contrast) and of number fields. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseNumber } from "./TextField";

const css = readFileSync("src/theme/tokens.css", "utf8");

function tokens(start: string): Record<string, string> {
  const from = css.indexOf(start);
  const body = css.slice(css.indexOf("{", from), css.indexOf("}", from));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9A-F]{6})/gi)].map((m) => [m[1]!, m[2]!]));
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

const light = tokens(':root[data-theme="light"] {');
const dark = tokens(':root[data-theme="dark"] {');

describe.each([["light", light], ["dark", dark]])("%s theme", (_, t) => {
  it("names every colour", () => {
    expect(Object.keys(t).sort()).toEqual(Object.keys(light).sort());
    expect(Object.keys(t).length).toBeGreaterThan(35);
  });

  it("keeps text at 4.5 and outlines at 3", () => {
    for (const ink of ["ink", "ink-2", "ink-3", "accent"]) for (const ground of ["canvas", "surface", "sunken", "hover"]) expect(contrast(t[ink]!, t[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const word of ["ok", "warn", "err", "part"]) expect(contrast(t[word]!, t[`${word}-soft`]!), word).toBeGreaterThanOrEqual(4.5);
    expect(contrast(t["line-strong"]!, t.surface!)).toBeGreaterThanOrEqual(3);
    expect(contrast(t["on-accent"]!, t.accent!)).toBeGreaterThanOrEqual(4.5);
    for (const peer of Object.keys(t).filter((k) => k.startsWith("peer-") && k !== "peer-ink")) expect(contrast(t[peer]!, t["peer-ink"]!), peer).toBeGreaterThanOrEqual(4.5);
  });
});

it("reads numbers as people type them", () => {
  expect(parseNumber("3,500")).toBe(3500);
  expect(parseNumber("1 013")).toBe(1013);
  expect(parseNumber("0,5")).toBe(0.5);
  expect(parseNumber("−2")).toBe(-2);
  expect(parseNumber("")).toBeNull();
  expect(parseNumber("abc")).toBeUndefined();
  expect(parseNumber("2.6", true)).toBe(3);
});
