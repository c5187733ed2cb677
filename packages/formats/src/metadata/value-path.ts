/** Paths into metadata: names with dots between them and indices in brackets, `weather[0].temperature`. */

const DEPTH_MAX = 64;
const INDEX_MAX = 100_000;

/** Names and indices of a path. @throws RangeError for a path of another form */
export function parseValuePath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const part of path.split(".")) {
    const [, name, indices] = /^([^[\]]*)((?:\[\d+\])*)$/.exec(part) ?? [];
    // A list at the top has no name in front of its index.
    if (name === undefined || indices === undefined || (name === "" && (steps.length > 0 || indices === ""))) throw new RangeError(`${JSON.stringify(path.slice(0, 100))} is no path of names and indices such as a[0].b`);
    if (name !== "") steps.push(name);
    for (const [, digits] of indices.matchAll(/\[(\d+)\]/g)) steps.push(Number(digits));
  }
  if (steps.length > DEPTH_MAX) throw new RangeError(`a path may have at most ${DEPTH_MAX} parts, got ${steps.length}`);
  if (steps.includes("__proto__")) throw new RangeError("a path may not go through __proto__");
  const far = steps.find((step) => typeof step === "number" && step > INDEX_MAX);
  if (far !== undefined) throw new RangeError(`an index may be at most ${INDEX_MAX}, got ${far}`);
  return steps;
}

/** The value at a path; undefined where there is none. Only own properties are followed. */
export function valueAtPath(from: unknown, path: readonly (string | number)[]): unknown {
  let value = from;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    if (typeof step === "number" ? !Array.isArray(value) : Array.isArray(value) || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/**
 * Puts a value at a path, with the objects and lists on the way to it. Where something else is in the way, or the list
 * is too short for the index, nothing is done. Changes `target`.
 */
export function setAtPath(target: Record<string, unknown>, path: readonly (string | number)[], value: unknown): void {
  let at: unknown = target;
  for (const [i, step] of path.entries()) {
    if (typeof at !== "object" || at === null || Array.isArray(at) !== (typeof step === "number")) return;
    if (Array.isArray(at) && (step as number) > at.length) return;
    const holder = at as Record<string | number, unknown>;
    const last = i === path.length - 1;
    const found = Object.hasOwn(holder, step) ? holder[step] : undefined;
    if (last || found === undefined || found === null) holder[step] = last ? value : typeof path[i + 1] === "number" ? [] : {};
    at = holder[step];
  }
}
