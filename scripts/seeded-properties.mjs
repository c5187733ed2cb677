// What tests get when they import "fast-check": the library, with a seed. A property meets the same inputs in every run, so
// a test that fails has to do with what was changed. PROPERTY_SEED=random explores others (the library says which), and
// PROPERTY_SEED=N brings a run back.
import { createRequire } from "node:module";

const { default: fc } = createRequire(import.meta.url)("fast-check");

const wanted = process.env["PROPERTY_SEED"] ?? "2026";
if (wanted !== "random") {
  const seed = Number(wanted);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`PROPERTY_SEED must be a whole number or "random", got ${JSON.stringify(wanted)}`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}

export default fc;
