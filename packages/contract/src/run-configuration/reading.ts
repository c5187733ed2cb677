import { isKey, snakeCase, type Group, type Key, type Kind, type SampleAmount, type ValuesOf } from "./key.ts";
import { nearestName } from "../nearest-name.ts";

/** What is wrong with a key. */
export interface Problem {
  /** Where it stands, as it was written: `docker.stopping_condition.n_samples`. */
  readonly path: string;
  readonly message: string;
}

/** An object's members by camelCase name, whichever spelling they were written in; null counts as missing. */
export interface Members {
  value(name: string): unknown;
  /** Where a member stands, as it was written, or would stand. */
  path(name: string): string;
}

/** Reads what people wrote and collects everything that is wrong with it, so that all of it can be told at once. */
export class Reading {
  readonly problems: Problem[] = [];
  /** Keys that were given, by their path in camelCase. */
  readonly given = new Map<string, string>();
  readonly #decimals: ReadonlySet<string>;

  constructor(decimals: readonly string[] = []) {
    this.#decimals = new Set(decimals);
  }

  complain(path: string, message: string): void {
    this.problems.push({ path, message });
  }

  /** Complains of what is no object, of unknown names with the nearest one, and of a name in both spellings. */
  members(value: unknown, path: string, group: Group, elsewhere?: (name: string) => string | undefined): Members {
    const values = new Map<string, unknown>();
    const written = new Map<string, string>();
    const names = new Map(Object.entries(group).flatMap(([name, one]) => [[snakeCase(name, one), name], [name, name]] as const));
    const found: Members = {
      value: (name) => values.get(name),
      path: (name) => `${path}.${written.get(name) ?? snakeCase(name, group[name])}`,
    };
    if (value === undefined || value === null) return found;
    if (typeof value !== "object" || Array.isArray(value)) {
      this.complain(path, `must be an object, got ${shown(value)}`);
      return found;
    }
    for (const [name, member] of Object.entries(value)) {
      const known = names.get(name);
      if (known === undefined) this.complain(`${path}.${name.slice(0, 100)}`, `there is no such key; did you mean ${elsewhere?.(name) ?? this.#nearest(name, group)}?`);
      else if (member === null || member === undefined) continue;
      else if (values.has(known)) this.complain(`${path}.${name}`, "is there in both spellings; give one");
      else {
        values.set(known, member);
        written.set(known, name);
      }
    }
    return found;
  }

  /** All keys of a group, with defaults for what isn't given. */
  group<G extends Group>(group: G, value: unknown, path: string, at: string, elsewhere?: (name: string) => string | undefined): ValuesOf<G> {
    const members = this.members(value, path, group, elsewhere);
    const values: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(group)) {
      const inside = `${at}.${name}`;
      values[name] = isKey(one) ? this.key(one, members.value(name), members.path(name), inside) : this.group(one, members.value(name), members.path(name), inside, elsewhere);
    }
    return values as ValuesOf<G>;
  }

  /** The value of a key, or its default. */
  key<Value>(one: Key<Value>, value: unknown, path: string, at: string): Value {
    if (value !== undefined && !(value === "" && one.required)) {
      this.given.set(at, path);
      const problem = problemOf(one.kind, value);
      const isDefault = value === "" && one.kind.type === "text" && one.kind.mayBeEmpty === undefined && !one.required;
      if (isDefault) return this.#default(one);
      if (problem === undefined) return readable(one.kind, value, this.#decimals.has(path)) as Value;
      this.complain(path, problem);
    } else if (one.required) this.complain(path, `is missing; it must be ${expected(one.kind)}`);
    return this.#default(one);
  }

  #default<Value>(one: Key<Value>): Value {
    return one.written === null ? (null as Value) : (readable(one.kind, one.written, false) as Value);
  }

  /** The nearest name in the spelling that was used. */
  #nearest(name: string, group: Group): string {
    const isCamel = /[A-Z]/.test(name);
    return nearestName(name, Object.entries(group).map(([known, one]) => (isCamel ? known : snakeCase(known, one))));
  }
}

/** What is wrong with a value; undefined: nothing. */
export function problemOf(kind: Kind, value: unknown): string | undefined {
  return fits(kind, value) ? undefined : `must be ${expected(kind)}, got ${shown(value)}`;
}

const taskName = /^[a-zA-Z0-9_+=,.@:/-]{1,255}$/;
const datasetName = /^[a-zA-Z0-9][a-zA-Z0-9 _-]+$/;
const tagName = /^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$/;

function fits(kind: Kind, value: unknown): boolean {
  switch (kind.type) {
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isSafeInteger(value) && (value === kind.off || (isWithin(kind, value as number) && (value as number) % (kind.multipleOf ?? 1) === 0));
    case "number":
      return typeof value === "number" && Number.isFinite(value) && (value === kind.off || (isWithin(kind, value) && !(kind.above !== undefined && value <= kind.above)));
    case "text":
      return typeof value === "string" && (value === "" || fitsText(kind.of, value));
    case "choice":
      return chosen(kind.values, value) !== undefined;
    case "list":
      if (!Array.isArray(value) || (kind.length !== undefined && value.length !== kind.length) || value.length < (kind.minimum ?? 0)) return false;
      return value.every((one: unknown) => (kind.of === "number" ? typeof one === "number" && Number.isFinite(one) : typeof one === "string" && one !== "" && (kind.of === "text" || taskName.test(one))));
    case "size": {
      const isEdge = (one: unknown) => Number.isSafeInteger(one) && (one as number) >= 1;
      return value === -1 || isEdge(value) || (Array.isArray(value) && value.length === 2 && value.every(isEdge));
    }
    case "amount":
      return value === -1 || (typeof value === "number" && value >= 0 && (Number.isSafeInteger(value) || value <= 1));
    case "shares": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const all = Object.values(value) as unknown[];
      return all.length > 0 && all.every((one) => typeof one === "number" && one >= 0 && one <= 1) && (all as number[]).reduce((sum, one) => sum + one, 0) <= 1 + 1e-9;
    }
  }
}

function fitsText(of: Extract<Kind, { type: "text" }>["of"], value: string): boolean {
  if (value.length > 1024 || /\p{Surrogate}|\0/u.test(value)) return false;
  switch (of) {
    case "id":
      return /^[a-f0-9]{24}$/.test(value);
    case "task":
      return taskName.test(value);
    case "dataset":
      return datasetName.test(value) && value.length >= 3 && value.length <= 80;
    case "tag":
      return tagName.test(value) && value.length >= 3 && value.length <= 255;
    case "path":
      return !/^[/\\]|^[a-zA-Z]:|(^|[/\\])\.{1,2}([/\\]|$)/.test(value);
    case "text":
      return true;
  }
}

function isWithin({ minimum = -Infinity, maximum = Infinity }: { minimum?: number; maximum?: number }, value: number): boolean {
  return value >= minimum && value <= maximum;
}

/** Words are taken in any case. */
function chosen(values: readonly (string | number)[], value: unknown): string | number | undefined {
  return values.find((one) => one === value || (typeof one === "string" && typeof value === "string" && one.toLowerCase() === value.toLowerCase()));
}

/** A value that fits, as it is read. */
function readable(kind: Kind, value: unknown, isDecimal: boolean): unknown {
  switch (kind.type) {
    case "integer":
    case "number":
      return value === kind.off ? null : value;
    case "text":
      return value === "" ? null : value;
    case "choice":
      return chosen(kind.values, value);
    case "size":
      return value === -1 ? null : value;
    case "amount":
      return value === -1 ? null : amountOf(value as number, isDecimal);
    default:
      return value;
  }
}

/** 1 is one sample, 1.0 is everything; a client that can't write 1.0 means a count. */
function amountOf(value: number, isDecimal: boolean): SampleAmount {
  return value > 0 && (value < 1 || (value === 1 && isDecimal)) ? { share: value } : { count: value };
}

/** What a kind of key takes, for people. */
export function expected(kind: Kind): string {
  switch (kind.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `${kind.multipleOf === 2 ? "an even" : "a"} whole number${range(kind)}${kind.off === undefined ? "" : `, or ${kind.off}`}`;
    case "number":
      return `a number${range(kind)}${kind.off === undefined ? "" : `, or ${kind.off}`}`;
    case "text":
      return { text: "a text", path: "a relative path (no / in front, no ..)", id: "an id (24 digits of 0-9 and a-f)", task: "a name of letters, digits and _+=,.@:/-", dataset: "the name of a dataset (3 to 80 letters, digits, blanks, _ and -)", tag: "the name of a tag (3 and more letters, digits, blanks and .:;=@_-)" }[kind.of];
    case "choice":
      return `one of ${kind.values.map((one) => (one === "" ? '""' : one)).join(", ")}`;
    case "list":
      if (kind.of === "number") return `a list of ${kind.length ?? "some"} numbers`;
      return `a list of ${kind.minimum === undefined ? "" : `${kind.minimum} or more `}${kind.of === "task" ? "names of tasks" : "texts"}`;
    case "size":
      return "-1, a number of pixels of at least 1, or a list [height, width]";
    case "amount":
      return "a whole number of at least 0, a share 0.0 to 1.0, or -1 for no limit";
    case "shares":
      return "an object of class to share 0 to 1, the sum at most 1";
  }
}

function range({ minimum, maximum, above }: { minimum?: number; maximum?: number; above?: number }): string {
  if (above !== undefined) return ` above ${above}`;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? "" : ` of at least ${minimum}`;
}

export function shown(value: unknown): string {
  const written = typeof value === "object" ? (Array.isArray(value) ? JSON.stringify(value) : "an object") : JSON.stringify(value);
  return written === undefined ? String(value) : written.length > 60 ? `${written.slice(0, 57)}...` : written;
}
