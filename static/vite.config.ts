/** How the browser app is built: one entry, relative chunk addresses and a manifest that Django reads. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [react()],
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
