import { probableName } from "@winnow/contract/nearest-name";
import { UsageError } from "../problems.ts";
import type { Keys, Value } from "./keys.ts";

/** What a command line of `key=value` arguments says: every key has a value, its own or the one it has unless given. */
export interface Configuration {
  readonly given: ReadonlySet<string>;
  text(key: string): string;
  /** A number. */
  number(key: string): number;
  flag(key: string): boolean;
  value(key: string): Value;
}

/**
 * Reads `key=value` arguments. Values are as the lightly commands took them: True and False, null, numbers, lists in
 * brackets, quotes around what would be read as something else.
 * @throws UsageError naming the key: for one that doesn't exist with the nearest, for a value with what is expected
 */
export function readConfiguration(words: readonly string[], keys: Keys): Configuration {
  const values = new Map<string, Value>(Object.entries(keys).map(([name, { initial }]) => [name, initial]));
  const given = new Set<string>();
  for (const word of words) {
    const at = word.indexOf("=");
    const key = word.slice(0, at).replace(/^\+{1,2}/, "");
    if (at < 1 || key === "") throw new UsageError(`${JSON.stringify(word)} is no argument of this command: they look like key=value, for example ${Object.keys(keys)[0]}=…`);
    if (!Object.hasOwn(keys, key)) {
      const near = probableName(key, Object.keys(keys)) ?? Object.keys(keys).find((name) => name.endsWith(`.${key}`));
      throw new UsageError(`There is no argument ${key}.${near === undefined ? ` There are ${Object.keys(keys).filter((name) => !name.includes(".")).join(", ")}.` : ` Do you mean ${near}?`}`);
    }
    given.add(key);
    values.set(key, checked(key, word.slice(at + 1), keys[key]!.initial));
  }
  const value = (key: string): Value => values.get(key)!;
  return { given, value, text: (key) => String(value(key) ?? ""), number: (key) => value(key) as number, flag: (key) => value(key) as boolean };
}

/** Of the type that the value has which it replaces. */
function checked(key: string, text: string, initial: Value): Value {
  const value = parsed(text);
  const refuse = (expected: string) => new UsageError(`${key} must be ${expected}, not ${JSON.stringify(text)}.`);
  if (typeof initial === "boolean") {
    if (typeof value !== "boolean") throw refuse("True or False");
  } else if (typeof initial === "number") {
    // A size may be a list.
    if (key === "resize" ? !(Number.isInteger(value) || isSize(value)) : typeof value !== "number") throw refuse(key === "resize" ? "-1, a number of pixels or [height,width]" : "a number");
  } else if (typeof initial === "string" && value !== null) {
    // A name that looks like a number is a name.
    return unquoted(text);
  }
  return value;
}

function isSize(value: Value): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((one) => Number.isInteger(one) && (one as number) > 0);
}

function parsed(text: string): Value {
  const plain = text.trim();
  const list = /^[[(](.*)[\])]$/s.exec(plain);
  if (list) return list[1]!.trim() === "" ? [] : list[1]!.split(",").map((one) => scalar(one));
  return scalar(text);
}

function scalar(text: string): string | number | boolean | null {
  const plain = text.trim();
  if (/^true$/i.test(plain)) return true;
  if (/^false$/i.test(plain)) return false;
  if (/^null$/i.test(plain)) return null;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  return unquoted(text);
}

function unquoted(text: string): string {
  const found = /^(['"])(.*)\1$/s.exec(text);
  return found ? found[2]! : text;
}
