import { type WrittenConfiguration, examineRunConfiguration } from "@winnow/contract";
import { type Notation, NotationError, jsonWithDecimals, parseNotation, writeNotation } from "../notation/notation.ts";
import type { TextProblem } from "../notation/notation-editor.tsx";
import type { ConfigurationTexts } from "./templates.ts";

export type Part = keyof ConfigurationTexts;
export const parts: readonly Part[] = ["docker", "lightly", "selection"];

export interface ReadTexts {
  /** Missing where a text can't be read. */
  readonly written: WrittenConfiguration | undefined;
  readonly problems: Readonly<Record<Part, readonly TextProblem[]>>;
  readonly notices: readonly string[];
  /** By path, `docker.stopping_condition.n_samples`: what the form shows beside the field. */
  readonly messages: ReadonlyMap<string, string>;
}

/** Reads the three texts and checks them as the server will. */
export function readTexts(texts: ConfigurationTexts): ReadTexts {
  const problems: Record<Part, TextProblem[]> = { docker: [], lightly: [], selection: [] };
  const read: Partial<Record<Part, Notation>> = {};
  for (const part of parts) {
    try {
      read[part] = parseNotation(texts[part]);
    } catch (error) {
      if (!(error instanceof NotationError)) throw error;
      problems[part].push({ message: error.message, at: error.at });
    }
  }
  const { docker, lightly, selection } = read;
  if (!docker || !lightly || !selection) return { written: undefined, problems, notices: [], messages: new Map() };
  const written: WrittenConfiguration = {
    docker: docker.value,
    lightly: lightly.value,
    ...(Object.keys(selection.value).length > 0 && { selection: selection.value }),
    decimals: parts.flatMap((part) => read[part]!.decimals.map((path) => `${part}.${path}`)),
  };
  const { problems: found, notices } = examineRunConfiguration(written);
  const messages = new Map<string, string>();
  for (const { path, message } of found) {
    const part = parts.find((one) => path === one || path.startsWith(`${one}.`)) ?? "docker";
    const inside = path.slice(part.length + 1);
    problems[part].push({ message: inside === "" ? message : `${inside}: ${message}`, at: placeOf(inside, read[part]!) });
    if (!messages.has(path)) messages.set(path, message);
  }
  return { written, problems, notices, messages };
}

/** The body that stores a configuration, in which `1.0` stays `1.0`. */
export function configurationBody({ docker, lightly, selection, decimals = [] }: WrittenConfiguration): string {
  const config = { workerType: "FULL", docker, lightly, ...(selection && { selection }) };
  return jsonWithDecimals({ config, creator: "USER_WEBAPP" }, decimals.map((path) => `config.${path}`));
}

/** The texts of a stored configuration. */
export function textsOf(written: WrittenConfiguration): ConfigurationTexts {
  const text = (part: Part) => {
    const value = written[part];
    if (!value || Object.keys(value).length === 0) return "";
    const own = (written.decimals ?? []).filter((path) => path.startsWith(`${part}.`)).map((path) => path.slice(part.length + 1));
    return withoutBraces(writeNotation(value, own));
  };
  return { docker: text("docker"), lightly: text("lightly"), selection: text("selection") };
}

/**
 * A text with one key set anew, or left out (undefined). A value that is replaced by a plain one changes nothing else in
 * the text; for everything else it is written anew, and comments in it are lost.
 * @throws NotationError when the text can't be read
 */
export function withKey(text: string, path: string, value: unknown, decimal = false): string {
  const { value: all, decimals, places } = parseNotation(text);
  const place = places.get(spelledPath(all, path));
  if (place && value !== undefined && (typeof value !== "object" || value === null)) {
    const [, written] = /^\{\n {2}v: (.*),\n\}$/s.exec(writeNotation({ v: value }, decimal ? ["v"] : []))!;
    return text.slice(0, place.value) + written + text.slice(place.to);
  }
  const names = path.split(".");
  const own: string[] = [];
  const set = (object: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> => {
    const name = spelled(object, names[depth]!);
    own.push(name);
    if (depth === names.length - 1) {
      if (value === undefined) return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
      return { ...object, [name]: value };
    }
    const inner = object[name];
    const next = set(typeof inner === "object" && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {}, depth + 1);
    return Object.keys(next).length === 0 ? Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)) : { ...object, [name]: next };
  };
  const changed = set(all, 0);
  const kept = new Set(decimals);
  kept.delete(own.join("."));
  if (decimal) kept.add(own.join("."));
  return withoutBraces(writeNotation(changed, kept));
}

/** The value of a key in either spelling. */
export function valueAt(dictionary: Readonly<Record<string, unknown>> | null | undefined, path: string): unknown {
  let at: unknown = dictionary;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[spelled(at as Record<string, unknown>, name)];
  }
  return at;
}

/** A path as its keys are spelled in an object. */
function spelledPath(dictionary: Readonly<Record<string, unknown>>, path: string): string {
  const names: string[] = [];
  let at: unknown = dictionary;
  for (const name of path.split(".")) {
    const own = typeof at === "object" && at !== null ? spelled(at as Record<string, unknown>, name) : name;
    names.push(own);
    at = typeof at === "object" && at !== null ? (at as Record<string, unknown>)[own] : undefined;
  }
  return names.join(".");
}

/** How a key is spelled in an object: as given there in camelCase, else in snake_case. */
function spelled(object: Readonly<Record<string, unknown>>, snake: string): string {
  const camel = snake.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return !Object.hasOwn(object, snake) && Object.hasOwn(object, camel) ? camel : snake;
}

/** A text of object notation without its outermost braces. */
export function withoutBraces(text: string): string {
  if (text === "{}") return "";
  return `${text
    .slice(2, -2)
    .split("\n")
    .map((line) => line.replace(/^ {2}/, ""))
    .join("\n")}\n`;
}

function placeOf(path: string, { places }: Notation): number | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0))) {
    const found = places.get(at);
    if (found) return found.from;
  }
  return undefined;
}
