/** How the browser app is built: one entry, relative chunk addresses and a manifest that Django reads. */
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Corrections to packages, made while building; one that no longer fits stops the build. */
const PATCHES = [
  // An empty style attribute is an inline style to the content security policy; null takes the attribute away.
  { file: "plotly-cartesian.min.js", from: '.attr("style","")', to: '.attr("style",null)' },
  // Focusable and hidden from assistive technology at once is a fault (WCAG 4.1.2); a guard hands the focus on anyway.
  { file: "FocusGuard.mjs", from: '"aria-hidden": role ? undefined : true', to: '"aria-hidden": undefined' },
];

function patched(): Plugin {
  return {
    name: "patched-packages",
    transform(code, id) {
      const patch = PATCHES.find(({ file }) => id.split("?")[0]?.endsWith(`/${file}`));
      if (!patch) return undefined;
      if (!code.includes(patch.from)) throw new Error(`${patch.file} has changed: see PATCHES in vite.config.ts`);
      return { code: code.replaceAll(patch.from, patch.to), map: null };
    },
  };
}

type Syntax = { type: string; start: number; end: number } & Record<string, unknown>;

/** The functions handed over in calls of the outer layers of a bundle: each is one of its modules. */
function moduleFunctions(tree: unknown, depth = 0): Syntax[] {
  if (Array.isArray(tree)) return tree.flatMap((each) => moduleFunctions(each, depth));
  const syntax = tree as Syntax | null;
  if (typeof syntax?.type !== "string") return [];
  const own = syntax.type === "CallExpression" ? (syntax.arguments as Syntax[]).filter(({ type }) => type.endsWith("FunctionExpression")) : [];
  const inner = syntax.type.endsWith("FunctionExpression") ? depth + 1 : depth;
  return inner > MODULE_DEPTH ? own : [...own, ...Object.values(syntax).flatMap((each) => moduleFunctions(each, inner))];
}

/** UMD wrapper and the bundle's own scope. */
const MODULE_DEPTH = 2;

/**
 * Plotly runs nearly all of its modules when it loads. Functions in parentheses are compiled while the file comes in, on a thread
 * beside the page's; otherwise the page stands still for it.
 */
function compiledEarly(): Plugin {
  return {
    name: "compiled-early",
    transform(code, id) {
      if (!id.split("?")[0]?.endsWith("/plotly-cartesian.min.js")) return undefined;
      const marks = moduleFunctions(this.parse(code)).flatMap(({ start, end }) => [[start, "("], [end, ")"]] as [number, string][]);
      if (marks.length < 500) throw new Error("plotly-cartesian.min.js is built otherwise: see compiledEarly in vite.config.ts");
      let out = code;
      for (const [at, mark] of marks.sort(([a], [b]) => b - a)) out = out.slice(0, at) + mark + out.slice(at);
      return { code: out, map: null };
    },
  };
}

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react(), patched(), compiledEarly()],
  build: {
    outDir: mode === "scene" ? "dist/scene" : "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "baseline-widely-available",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    rollupOptions: { input: mode === "scene" ? "index.scene.html" : "src/main.tsx" },
  },
  server: { port: 5173, strictPort: true, cors: true },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
}));
