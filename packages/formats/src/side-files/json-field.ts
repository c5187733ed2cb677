/** JSON that came from outside, taken apart field by field; what is wrong is told with the place where it stands. */
import type { SideFileError } from "./side-file-error.ts";

type Fail = (field: string, expected: string, got: string) => SideFileError;

/** Larger texts are refused before they are parsed: they'd take many times as much memory. */
export const SIDE_FILE_CHARACTERS_MAX = 64 * 1024 * 1024;

export class JsonField {
  readonly value: unknown;
  readonly name: string;
  readonly #fail: Fail;

  constructor(value: unknown, name: string, fail: Fail) {
    this.value = value;
    this.name = name;
    this.#fail = fail;
  }

  /** Throws that this field isn't what was expected. */
  refuse(expected: string, got: string = shown(this.value)): never {
    throw this.#fail(this.name, expected, got);
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value)) this.refuse("an object");
    return this.value as Readonly<Record<string, unknown>>;
  }

  /** A property; inherited ones don't count. */
  get(key: string): JsonField {
    const object = this.object();
    return new JsonField(Object.hasOwn(object, key) ? object[key] : undefined, this.name === "" ? key : `${this.name}.${key}`, this.#fail);
  }

  /** A property, or undefined where it is missing or null. */
  optional(key: string): JsonField | undefined {
    const field = this.get(key);
    return field.value === undefined || field.value === null ? undefined : field;
  }

  list(lengthMax = 1_000_000): JsonField[] {
    const { value } = this;
    if (!Array.isArray(value)) this.refuse("a list");
    if (value.length > lengthMax) this.refuse(`a list of at most ${lengthMax} entries`, `${value.length}`);
    return value.map((item, i) => new JsonField(item, `${this.name}[${i}]`, this.#fail));
  }

  text(lengthMax = 10_000): string {
    const { value } = this;
    if (typeof value !== "string" || value === "") this.refuse("a text that isn't empty");
    if (value.length > lengthMax) this.refuse(`a text of at most ${lengthMax} characters`, `${value.length}`);
    if (/\p{Surrogate}|\0/u.test(value)) this.refuse("well-formed text without NUL characters");
    return value;
  }

  number(minimum = -Infinity, maximum = Infinity): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isFinite(value) || value < minimum || value > maximum) this.refuse(kindOfNumber("a number", minimum, maximum));
    return value;
  }

  integer(minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum || value > maximum) this.refuse(kindOfNumber("a whole number", minimum, maximum));
    return value;
  }

  /** A list of numbers. A field for each would cost more than the list where there are millions. */
  numbers({ lengthMax = 1_000_000, minimum = -Infinity, maximum = Infinity, whole = false }: { lengthMax?: number; minimum?: number; maximum?: number; whole?: boolean } = {}): number[] {
    const { value } = this;
    if (!Array.isArray(value)) this.refuse("a list of numbers");
    if (value.length > lengthMax) this.refuse(`a list of at most ${lengthMax} numbers`, `${value.length}`);
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "number" && Number.isFinite(item) && item >= minimum && item <= maximum && (!whole || Number.isSafeInteger(item))) continue;
      throw this.#fail(`${this.name}[${i}]`, kindOfNumber(whole ? "a whole number" : "a number", minimum, maximum), shown(item));
    }
    return value as number[];
  }
}

/** @throws the error that `fail` makes, when the text is too long or no JSON */
export function parseJson(text: string, fail: Fail, charactersMax = SIDE_FILE_CHARACTERS_MAX): JsonField {
  if (text.length > charactersMax) throw fail("", `at most ${charactersMax} characters long`, `${text.length}`);
  let value: unknown;
  try {
    // A byte order mark is what some editors leave.
    value = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw fail("", "JSON", `something else (${(error as Error).message.slice(0, 120)})`);
  }
  return new JsonField(value, "", fail);
}

function kindOfNumber(kind: string, minimum: number, maximum: number): string {
  const from = minimum > Number.MIN_SAFE_INTEGER;
  const to = maximum < Number.MAX_SAFE_INTEGER;
  return `${kind}${from && to ? ` from ${minimum} to ${maximum}` : from ? ` of at least ${minimum}` : to ? ` of at most ${maximum}` : ""}`;
}

/** A value in a message: short, and never walked into, since it may be nested without end. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
