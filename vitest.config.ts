import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["winnow-source", "module", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["winnow-source", "module", "node", "import", "default"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "e2e/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
