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

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react(), patched()],
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
