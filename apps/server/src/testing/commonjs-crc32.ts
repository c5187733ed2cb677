/**
 * The test runner starts its processes with `--conditions import`, which makes `require("buffer-crc32")` inside of yazl
 * find the ES module instead of the CommonJS one. Imported before yazl, this puts the right one into its place.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const loaded = require("buffer-crc32") as { default?: unknown; unsigned?: unknown };
if (loaded.unsigned === undefined && loaded.default !== undefined) require.cache[require.resolve("buffer-crc32")]!.exports = loaded.default;
