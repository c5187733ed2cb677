/** Configurations as people write them: JavaScript object notation (unquoted keys, single quotes, comments, trailing commas), JSON, or a Python dictionary. */
import { type Expression, type Property, parseExpressionAt, tokTypes, tokenizer } from "acorn";

/** Where something stands in a text: character offsets, the end not included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Place extends Span {
  /** Where the value begins; it ends where the place does. */
  readonly value: number;
}

export interface Notation {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where each key stands with its value, by path: `stopping_condition.n_samples`, `strategies[0].input`. */
  readonly places: ReadonlyMap<string, Place>;
  /** Paths of whole numbers written as decimals (`1.0`): they may mean something else than `1`. */
  readonly decimals: readonly string[];
}

/** What can't be read, and where. */
export class NotationError extends Error {
  override readonly name = "NotationError";

  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/**
 * Reads an object; its outer braces may be left out. Nothing is run: only values that are written out are taken.
 * @throws NotationError
 */
export function parseNotation(text: string): Notation {
  const braced = beginsWithBrace(text);
  // In front of the text stands as much as is taken off the offsets again.
  const before = braced ? "(" : "({";
  const source = braced ? `(${text}\n)` : `({${text}\n})`;
  const own = (offset: number) => Math.max(0, Math.min(text.length, offset - before.length));
  let expression: Expression;
  try {
    expression = parseExpressionAt(source, 0, { ecmaVersion: 2023 });
    if (source.slice(expression.end).trim().replace(/^\)/, "").trim() !== "" && expression.end < source.length) throw new NotationError("There is something behind the object that doesn't belong to it.", own(expression.end));
  } catch (error) {
    if (error instanceof NotationError) throw error;
    const { pos = 0, message } = error as { pos?: number; message: string };
    throw new NotationError(readable(message, source, pos), own(pos));
  }
  const places = new Map<string, Place>();
  const decimals: string[] = [];
  const value = valueOf(expression, "", { source, own, places, decimals });
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotationError("This must be an object: { key: value, … }.", own(expression.start));
  return { value: value as Record<string, unknown>, places, decimals };
}

/** JSON of a value in which whole numbers at the given paths are written as decimals. */
export function jsonWithDecimals(value: unknown, decimals: Iterable<string>): string {
  const paths = new Set(decimals);
  const write = (one: unknown, path: string): string => {
    if (Array.isArray(one)) return `[${one.map((item, i) => write(item, `${path}[${i}]`)).join(",")}]`;
    if (typeof one === "object" && one !== null) {
      return `{${Object.entries(one)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}:${write(item, path === "" ? key : `${path}.${key}`)}`)
        .join(",")}}`;
    }
    return typeof one === "number" && Number.isInteger(one) && paths.has(path) ? `${one}.0` : JSON.stringify(one);
  };
  return write(value, "");
}

/** A value in object notation, two blanks a level, keys without quotes where they need none; the outermost braces are left out when wanted. */
export function writeNotation(value: Readonly<Record<string, unknown>>, decimals: Iterable<string> = []): string {
  const paths = new Set(decimals);
  const write = (one: unknown, path: string, indent: string): string => {
    if (typeof one === "string") return `'${one.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}'`;
    if (Array.isArray(one)) {
      if (one.length === 0) return "[]";
      if (one.every((item) => typeof item !== "object" || item === null)) return `[${one.map((item, i) => write(item, `${path}[${i}]`, indent)).join(", ")}]`;
      return `[\n${one.map((item, i) => `${indent}  ${write(item, `${path}[${i}]`, `${indent}  `)},`).join("\n")}\n${indent}]`;
    }
    if (typeof one === "object" && one !== null) {
      const entries = Object.entries(one).filter(([, item]) => item !== undefined);
      if (entries.length === 0) return "{}";
      return `{\n${entries.map(([key, item]) => `${indent}  ${keyText(key)}: ${write(item, path === "" ? key : `${path}.${key}`, `${indent}  `)},`).join("\n")}\n${indent}}`;
    }
    return typeof one === "number" && Number.isInteger(one) && paths.has(path) ? `${one}.0` : String(JSON.stringify(one));
  };
  return write(value, "", "");
}

/** Line (from 1) of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function beginsWithBrace(text: string): boolean {
  try {
    return tokenizer(text, { ecmaVersion: 2023 }).getToken().type === tokTypes.braceL;
  } catch {
    return text.trimStart().startsWith("{");
  }
}

interface Reading {
  readonly source: string;
  readonly own: (offset: number) => number;
  readonly places: Map<string, Place>;
  readonly decimals: string[];
}

/** How Python writes them. */
const words: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

function valueOf(node: Expression, path: string, reading: Reading): unknown {
  const { source, own, places, decimals } = reading;
  if (node.type === "ObjectExpression") {
    const value: Record<string, unknown> = {};
    for (const property of node.properties) {
      if (property.type !== "Property" || property.computed || property.method || property.kind !== "init" || property.shorthand) throw new NotationError("Only `key: value` may stand here.", own(property.start));
      const key = keyOf(property, own);
      const inside = path === "" ? key : `${path}.${key}`;
      if (Object.hasOwn(value, key)) throw new NotationError(`“${key}” is given twice.`, own(property.start));
      places.set(inside, { from: own(property.key.start), value: own(property.value.start), to: own(property.value.end) });
      // A key called __proto__ is a key like others.
      Object.defineProperty(value, key, { value: valueOf(property.value as Expression, inside, reading), enumerable: true, configurable: true, writable: true });
    }
    return value;
  }
  if (node.type === "ArrayExpression") {
    return node.elements.map((element, i) => {
      if (element === null || element.type === "SpreadElement") throw new NotationError("A value is missing in the list.", own(node.start));
      const inside = `${path}[${i}]`;
      places.set(inside, { from: own(element.start), value: own(element.start), to: own(element.end) });
      return valueOf(element, inside, reading);
    });
  }
  if (node.type === "Literal" && (node.value === null || typeof node.value === "string" || typeof node.value === "boolean")) return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]!.value.cooked ?? "";
  if (node.type === "Identifier" && Object.hasOwn(words, node.name)) return words[node.name];
  const sign = node.type === "UnaryExpression" && (node.operator === "-" || node.operator === "+") ? node.operator : undefined;
  const number = sign !== undefined && node.type === "UnaryExpression" ? node.argument : node;
  if (number.type === "Literal" && typeof number.value === "number") {
    const written = source.slice(number.start, number.end);
    if (Number.isInteger(number.value) && /[.e]/i.test(written) && !/^0x/i.test(written)) decimals.push(path);
    return sign === "-" ? -number.value : number.value;
  }
  throw new NotationError(node.type === "Identifier" ? `“${node.name}” is no value: texts stand in quotes.` : "Only texts, numbers, true, false, null, lists and objects can stand here.", own(node.start));
}

function keyOf({ key }: Property, own: (offset: number) => number): string {
  if (key.type === "Identifier") return key.name;
  if (key.type === "Literal" && (typeof key.value === "string" || typeof key.value === "number")) return String(key.value);
  throw new NotationError("A key is a name or a text in quotes.", own(key.start));
}

/** The parser's words without its positions, which are not those of the text. */
function readable(message: string, source: string, at: number): string {
  const bare = message.replace(/\s*\(\d+:\d+\)$/, "");
  if (bare !== "Unexpected token") return `${bare}.`;
  const rest = source.slice(at).trimStart();
  if (rest === ")" || rest === "})" || rest === "") return "The text ends too early: a bracket or a value is missing.";
  return `“${rest.slice(0, 12).split("\n")[0]}” can't stand here: a comma, a colon or a quote may be missing before it.`;
}
