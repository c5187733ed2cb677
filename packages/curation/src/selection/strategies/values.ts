import type { Matrix } from "../../matrix/matrix.ts";
import type { StrategyEntry } from "./configuration.ts";
import { nearestName } from "./nearest-name.ts";

/** What an input holds, by ordinal; which of these an input needs is said at each. */
export type StrategyValues =
  /**
   * For EMBEDDINGS: row i is the vector of ordinal i (of crops: one vector per sample). SIMILARITY also needs the query
   * set: ordinals of this dataset, or vectors of the same width from elsewhere.
   */
  | { readonly points: Matrix; readonly similarTo?: Matrix | Uint32Array }
  /** For SCORES and numeric METADATA: finite, NaN where there is none. */
  | { readonly numbers: Float64Array }
  /** For categorical METADATA: the place of each sample's category in the list, −1 where there is none. */
  | { readonly categories: readonly string[]; readonly codes: Int32Array }
  /**
   * For PREDICTIONS: entry [i · categories + c] says how often class c is in ordinal i, or how likely; finite and ≥ 0.
   */
  | { readonly categories: readonly string[]; readonly counts: Float32Array | Float64Array };

/** @throws RangeError naming the strategy and what its input lacks */
export function checkValues({ input, strategy }: StrategyEntry, values: StrategyValues | undefined, size: number, path: string): void {
  const refuse = (what: string): never => {
    throw new RangeError(`${path}: ${what}`);
  };
  if (input.type === "RANDOM") return;
  if (values === undefined) return refuse(`${input.type} needs values`);
  if (input.type === "EMBEDDINGS") {
    if (!("points" in values)) return refuse("EMBEDDINGS need points");
    if (values.points.rows !== size) refuse(`points must have one row per sample: ${size} expected, got ${values.points.rows}`);
    if (strategy.type === "SIMILARITY") checkQuerySet(values.similarTo, values.points.columns, size, refuse);
    return;
  }
  if ("points" in values) return refuse(`${input.type} needs numbers or classes, got points`);
  if ("numbers" in values) {
    if (strategy.type === "BALANCE" || input.type === "PREDICTIONS") refuse(`${strategy.type} of ${input.type} needs classes, got numbers`);
    checkNumbers(values.numbers, size, refuse);
    return;
  }
  if (input.type === "SCORES") refuse("SCORES need numbers, got classes");
  if (input.type === "METADATA" && strategy.type !== "BALANCE") refuse(`${strategy.type} needs numbers, but the metadata ${input.key} is categorical; BALANCE works on that`);
  if ("codes" in values) {
    if (input.type === "PREDICTIONS") refuse("PREDICTIONS need counts, got codes");
    const { codes, categories } = values;
    if (codes.length !== size) refuse(`codes must have one entry per sample: ${size} expected, got ${codes.length}`);
    const wrong = codes.findIndex((code) => code < -1 || code >= categories.length);
    if (wrong >= 0) refuse(`there are ${categories.length} categories, but the code of ordinal ${wrong} is ${codes[wrong]}`);
  } else {
    const { counts, categories } = values;
    if (counts.length !== size * categories.length) refuse(`counts of ${size} samples × ${categories.length} classes must be ${size * categories.length} values, got ${counts.length}`);
    const wrong = counts.findIndex((count) => !(count >= 0 && count < Infinity));
    if (wrong >= 0) refuse(`counts must be finite and at least 0: that of ordinal ${Math.floor(wrong / categories.length)} and class ${categories[wrong % categories.length]} is ${counts[wrong]}`);
  }
  const named = [...(input.type === "PREDICTIONS" ? (input.categories ?? []) : []), ...(strategy.type === "BALANCE" ? Object.keys(strategy.target ?? {}) : [])];
  const unknown = named.find((name) => !values.categories.includes(name));
  if (unknown !== undefined) refuse(`there is no class ${unknown}; did you mean ${nearestName(unknown, values.categories)}?`);
}

function checkQuerySet(similarTo: Matrix | Uint32Array | undefined, columns: number, size: number, refuse: (what: string) => never): void {
  if (similarTo === undefined) return refuse("SIMILARITY needs a query set (similarTo)");
  if (!(similarTo instanceof Uint32Array)) {
    if (similarTo.columns !== columns) refuse(`vectors of the query set must be as wide as the points: ${columns} expected, got ${similarTo.columns}`);
    if (similarTo.rows === 0) refuse("the query set of SIMILARITY is empty");
    return;
  }
  if (similarTo.length === 0) refuse("the query set of SIMILARITY is empty");
  const wrong = similarTo.find((ordinal) => ordinal >= size);
  if (wrong !== undefined) refuse(`the query set has ordinal ${wrong}, but there are only ${size} samples`);
}

function checkNumbers(numbers: Float64Array, size: number, refuse: (what: string) => never): void {
  if (numbers.length !== size) refuse(`numbers must have one entry per sample: ${size} expected, got ${numbers.length}`);
  const wrong = numbers.findIndex((value) => Math.abs(value) === Infinity);
  if (wrong >= 0) refuse(`numbers must be finite, or NaN for none: that of ordinal ${wrong} is ${numbers[wrong]}`);
}

/** One number per ordinal: as given, or how many objects of the classes that count. */
export function numbersOf({ input }: StrategyEntry, values: StrategyValues | undefined, size: number): Float64Array {
  if (values !== undefined && "numbers" in values) return values.numbers;
  const { categories, counts } = values as { categories: readonly string[]; counts: ArrayLike<number> };
  const wanted = input.type === "PREDICTIONS" && input.categories !== null ? input.categories.map((name) => categories.indexOf(name)) : categories.map((_, at) => at);
  const classes = new Set(wanted);
  return Float64Array.from({ length: size }, (_, ordinal) => {
    let sum = 0;
    for (const at of classes) sum += counts[ordinal * categories.length + at]!;
    return sum;
  });
}
