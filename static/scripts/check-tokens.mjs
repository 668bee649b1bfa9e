/** Fails when a colour, pixel font size or shadow is written outside theme/tokens.css. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const RULES = [
  { name: "hex colour", pattern: /#[0-9a-f]{3}(?:[0-9a-f]{1,5})?\b(?![\w-])/i },
  { name: "colour function", only: /\.css$/, pattern: /\b(?:rgba?|hsla?|oklch|oklab)\(/i },
  { name: "font size in px", pattern: /font(?:-size|Size)?\s*:\s*["'`]?[^;"'`\n]*\b\d+(?:\.\d+)?px/i },
  { name: "shadow not from tokens", pattern: /box-shadow\s*:\s*(?!\s|var\(|none|inherit|0 0 0 )[^;]+/i },
];
const ALLOWED = /(?:^|\/)(?:tokens\.css|schema\.gen\.ts)$|\.test\.tsx?$/;

export function faults(path, text) {
  if (ALLOWED.test(path)) return [];
  const found = [];
  text.split("\n").forEach((line, index) => {
    const bare = line.replace(/url\([^)]*\)/g, "").replace(/href="#[^"]*"/g, "");
    for (const { name, pattern, only } of RULES) if ((!only || only.test(path)) && pattern.test(bare)) found.push(`${path}:${index + 1}: ${name}: ${line.trim()}`);
  });
  return found;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (/\.(?:css|ts|tsx)$/.test(entry.name)) yield path;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const found = [...files(join(root, "src"))].flatMap((path) => faults(relative(root, path), readFileSync(path, "utf8")));
  for (const line of found) console.error(line);
  if (found.length) process.exitCode = 1;
}
