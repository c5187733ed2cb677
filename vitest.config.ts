import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Rooms are tested from their sources. No condition for bundlers may stand here: it reaches Node, which then loads files not made for it.
const conditions = ["winnow-source", "node"];

export default defineConfig({
  resolve: { conditions, alias: [{ find: /^fast-check$/, replacement: fileURLToPath(new URL("scripts/seeded-properties.mjs", import.meta.url)) }] },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "e2e/**/*.test.ts"],
    pool: "forks",
    // Half of the time tests of the server wait for a database or a clock: with one worker less than processors, one of two would idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
