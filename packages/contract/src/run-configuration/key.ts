/** Keys of a run's configuration as data: what they may hold, what stands when they are left out, what they are for. */

/** How many samples: so many, or a share 0 … 1 of the input. */
export type SampleAmount = { readonly count: number } | { readonly share: number };

/** What a key may hold, as data. */
export type Kind =
  | { readonly type: "boolean" }
  /** `off`: a value that stands for "not set". */
  | { readonly type: "integer"; readonly minimum?: number; readonly maximum?: number; readonly multipleOf?: number; readonly off?: number }
  /** `above`: a bound that isn't reached. */
  | { readonly type: "number"; readonly minimum?: number; readonly maximum?: number; readonly above?: number; readonly off?: number }
  /** `of` says what kind of text; "" stands for the default, or is a value of its own (null when read) where `mayBeEmpty`. */
  | { readonly type: "text"; readonly of: TextKind; readonly mayBeEmpty?: true }
  | { readonly type: "choice"; readonly values: readonly (string | number)[] }
  /** `length`: of exactly so many; `minimum`: of so many or more. */
  | { readonly type: "list"; readonly of: "task" | "text" | "number"; readonly length?: number; readonly minimum?: number }
  /** −1: as it is; x: the shortest edge; [height, width]. */
  | { readonly type: "size" }
  /** A whole number: so many; a decimal 0 … 1: that share; −1: no limit. */
  | { readonly type: "amount" }
  /** Class to share 0 … 1; the names are the user's. */
  | { readonly type: "shares" };

export type TextKind = "text" | "path" | "id" | "task" | "dataset" | "tag";

/**
 * What a key does in a scheduled run.
 * - `works`
 * - `training`: accepted, and without effect while nothing is trained
 * - `start`: counts when a worker process is started on its own, and has no effect on a scheduled run
 */
export type Use = "works" | "training" | "start";

export interface Key<Value> {
  readonly kind: Kind;
  /** As one would write it; null: nothing. */
  readonly written: unknown;
  readonly summary: string;
  readonly use: Use;
  /** Whether it must be given. */
  readonly required: boolean;
  /** Spelling in snake_case where it doesn't follow from the name. */
  readonly spelling?: string;
  /** Only in the type: what is read. */
  readonly value?: Value;
}

/** Keys and groups of keys by their name in camelCase. */
export interface Group {
  readonly [name: string]: Key<unknown> | Group;
}

/** What reading a group gives: all its keys, with defaults. */
export type ValuesOf<G> = { readonly [Name in keyof G]: G[Name] extends Key<infer Value> ? Value : ValuesOf<G[Name]> };

export function isKey(one: Key<unknown> | Group): one is Key<unknown> {
  return typeof (one as Key<unknown>).summary === "string";
}

type Or<Default, Value> = Default extends null ? Value | null : Value;
type Limits = Omit<Extract<Kind, { type: "number" }>, "type">;

function key<Value>(kind: Kind, written: unknown, summary: string): Key<Value> {
  return { kind, written, summary, use: "works", required: false };
}

export function flag<const Default extends boolean | null>(written: Default, summary: string): Key<Or<Default, boolean>> {
  return key({ type: "boolean" }, written, summary);
}

export function integer<const Default extends number | null, const L extends Omit<Limits, "above"> & { readonly multipleOf?: number }>(written: Default, limits: L, summary: string): Key<L extends { off: number } ? number | null : Or<Default, number>> {
  return key({ type: "integer", ...limits }, written, summary);
}

export function number<const Default extends number | null, const L extends Limits>(written: Default, limits: L, summary: string): Key<L extends { off: number } ? number | null : Or<Default, number>> {
  return key({ type: "number", ...limits }, written, summary);
}

/** A text; "" and nothing are null when read. */
export function text(of: TextKind, summary: string): Key<string | null> {
  return key({ type: "text", of }, "", summary);
}

/** A text that stands for something when nothing is given. */
export function textOr(of: TextKind, written: string, summary: string): Key<string> {
  return key({ type: "text", of }, written, summary);
}

/** The same, where "" turns it off. */
export function textOrNone(of: TextKind, written: string, summary: string): Key<string | null> {
  return key({ type: "text", of, mayBeEmpty: true }, written, summary);
}

export function choice<const Values extends readonly (string | number)[], const Default extends Values[number] | null>(values: Values, written: Default, summary: string): Key<Or<Default, Values[number]>> {
  return key({ type: "choice", values }, written, summary);
}

export function texts(of: "task" | "text", summary: string, limits: { readonly minimum?: number } = {}): Key<readonly string[] | null> {
  return key({ type: "list", of, ...limits }, null, summary);
}

export function numbers<const Default extends readonly number[] | null>(written: Default, length: number, summary: string): Key<Default extends null ? readonly number[] | null : readonly number[]> {
  return key({ type: "list", of: "number", length }, written, summary);
}

/** null: as it is. */
export function size(summary: string): Key<number | readonly [height: number, width: number] | null> {
  return key({ type: "size" }, -1, summary);
}

export function amount(summary: string): Key<SampleAmount | null> {
  return key({ type: "amount" }, -1, summary);
}

export function shares(summary: string): Key<Readonly<Record<string, number>> | null> {
  return key({ type: "shares" }, null, summary);
}

export function required<Value>(one: Key<Value>): Key<Exclude<Value, null>> {
  return { ...one, written: null, required: true } as Key<Exclude<Value, null>>;
}

export function spelled<Value>(spelling: string, one: Key<Value>): Key<Value> {
  return { ...one, spelling };
}

/** The same keys, with another use. */
export function usedFor<G extends Group | Key<unknown>>(use: Use, one: G): G {
  if (isKey(one)) return { ...one, use };
  return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, usedFor(use, member)])) as G;
}

/** A name in snake_case. */
export function snakeCase(name: string, one?: Key<unknown> | Group): string {
  const spelling = one && isKey(one) ? one.spelling : undefined;
  return spelling ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
