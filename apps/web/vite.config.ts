import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["winnow-source", "module", "browser", "development|production"] },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
  // While developing: `npx vite` in apps/web beside a running server.
  server: { proxy: { "/v1": process.env["WINNOW_SERVER_LOCATION"] ?? "http://127.0.0.1:8080" } },
});
