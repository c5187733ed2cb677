import { nearestName } from "./nearest-name.ts";

/** An object's values by camelCase key, whichever spelling they were written in; null counts as missing. */
export interface Keys {
  value(key: string): unknown;
  /** Where the key stands, as it was written. */
  path(key: string): string;
}

/** Reads JSON that people wrote; complaints are collected, so that all of them can be told at once. */
export interface Reader {
  /** How many complaints there are. */
  readonly complaints: number;
  /** Says that something is wrong; `path` names the key. */
  complain(path: string, what: string): void;
  /** Complains of what isn't an object, of unknown keys with the nearest known one, and of a key in both spellings. */
  object(value: unknown, path: string, keys: readonly string[], of?: string): Keys;
  text(value: unknown, path: string): string;
  number(value: unknown, path: string, rule?: (value: number) => boolean, expected?: string): number;
  /** One of a few words, in either case. */
  word<Word extends string>(value: unknown, path: string, words: readonly Word[]): Word;
  /** @throws RangeError with all complaints, when there are any */
  finish(): void;
}

export function reader(): Reader {
  const complaints: string[] = [];
  const complain = (path: string, what: string): void => {
    complaints.push(`${path}: ${what}`);
  };
  return {
    get complaints() {
      return complaints.length;
    },
    complain,
    object(value, path, keys, of) {
      const values = new Map<string, unknown>();
      const written = new Map<string, string>();
      const found: Keys = { value: (key) => values.get(key), path: (key) => `${path}.${written.get(key) ?? key}` };
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        complain(path, `must be an object, got ${kind(value)}`);
        return found;
      }
      const names = new Map(keys.flatMap((key) => [[snakeCase(key), key], [key, key]] as const));
      for (const [name, entry] of Object.entries(value)) {
        if (entry === null || entry === undefined) continue;
        const key = names.get(name);
        if (key === undefined) complain(`${path}.${name}`, `there is no such key${of === undefined ? "" : ` for ${of}`}; did you mean ${nearestName(name, names.keys())}?`);
        else if (values.has(key)) complain(`${path}.${name}`, "is there in both spellings; give one");
        else {
          values.set(key, entry);
          written.set(key, name);
        }
      }
      return found;
    },
    text(value, path) {
      if (typeof value === "string" && value !== "") return value;
      complain(path, value === undefined ? "is missing" : `must be a text, got ${kind(value)}`);
      return "";
    },
    number(value, path, rule = Number.isFinite, expected = "a number") {
      if (typeof value === "number" && Number.isFinite(value) && rule(value)) return value;
      complain(path, value === undefined ? `is missing; it must be ${expected}` : `must be ${expected}, got ${typeof value === "number" ? value : kind(value)}`);
      return 0;
    },
    word(value, path, words) {
      const found = typeof value === "string" ? words.find((word) => word === value.toUpperCase()) : undefined;
      if (found !== undefined) return found;
      const meant = typeof value === "string" ? `; did you mean ${nearestName(value, words)}?` : `; it is one of ${words.join(", ")}`;
      complain(path, value === undefined ? `is missing${meant}` : `there is no ${typeof value === "string" ? value : kind(value)} here${meant}`);
      return words[0]!;
    },
    finish() {
      if (complaints.length > 0) throw new RangeError(`the selection can't be made: ${complaints.join("; ")}`);
    },
  };
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function kind(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  return Array.isArray(value) ? "a list" : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
