import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { TSchema } from "typebox";
import { DomainError } from "./errors.ts";

const ajv = new Ajv({ strict: false, allErrors: false, coerceTypes: false, verbose: true, strictNumbers: true });

/** The schema as plain JSON, without what the schema library keeps beside it. */
export function plainSchema(schema: TSchema): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}

/** Checks a value against a schema of the contract; the error names the field and what was expected. */
export class Validator {
  #compiled?: ValidateFunction;
  readonly #members: ReadonlyMap<string, Validator> | undefined;

  constructor(
    readonly schema: TSchema,
    readonly what: "body" | "query",
  ) {
    this.#members = membersByType(schema, what);
  }

  /** Compiled when it is first used: doing all operations at the start takes most of the time that a start takes. */
  get #validate(): ValidateFunction {
    this.#compiled ??= ajv.compile(plainSchema(this.schema));
    return this.#compiled;
  }

  /** @throws DomainError BAD_REQUEST */
  check(value: unknown): void {
    if (this.#members) {
      const { type } = (value ?? {}) as { type?: unknown };
      const member = typeof type === "string" ? this.#members.get(type) : undefined;
      if (member) return member.check(value);
      throw new DomainError("BAD_REQUEST", type === undefined ? `"type" is missing in the ${this.what}.` : `"type" must be one of ${[...this.#members.keys()].join(", ")}, got ${shown(type)}.`);
    }
    if (this.#validate(value)) return;
    throw new DomainError("BAD_REQUEST", describe(this.#validate.errors ?? [], this.what));
  }
}

/** Of a union whose members name themselves by a fixed `type`: each by its name, so that an error is about the one that was meant. */
function membersByType(schema: TSchema, what: "body" | "query"): ReadonlyMap<string, Validator> | undefined {
  const { anyOf } = schema as { anyOf?: readonly { properties?: { type?: { const?: unknown } } }[] };
  if (!anyOf?.every((member) => typeof member.properties?.type?.const === "string")) return undefined;
  return new Map(anyOf.map((member) => [member.properties?.type?.const as string, new Validator(member as TSchema, what)]));
}

/** One sentence about the first thing that is wrong. */
function describe(errors: readonly ErrorObject[], what: string): string {
  // Of an "any of" the branch that came farthest says most; null is never what was meant.
  const telling = errors.filter((error) => error.keyword !== "anyOf" && error.schema !== "null");
  const error = telling.toSorted((a, b) => b.instancePath.length - a.instancePath.length)[0] ?? errors[0];
  if (!error) return `The ${what} is not what was expected.`;
  const field = fieldOf(error.instancePath);
  const name = field ? `"${field}"` : `The ${what}`;
  const parameters = error.params as Record<string, unknown>;
  // Errors are shown and logged: what may be a secret doesn't stand in them.
  const got = /secret|accessKey|accountKey|credential|password|token/i.test(field) ? "something else" : shown(error.data);
  switch (error.keyword) {
    case "required": {
      const missing = field ? `${field}.${String(parameters["missingProperty"])}` : String(parameters["missingProperty"]);
      return `"${missing}" is missing in the ${what}.`;
    }
    case "type":
      return `${name} must be ${kind(parameters["type"])}, got ${got}.`;
    case "enum":
    case "const":
      return `${name} must be one of ${((parameters["allowedValues"] as unknown[] | undefined) ?? [parameters["allowedValue"]]).join(", ")}, got ${got}.`;
    case "pattern":
      return `${name} must match ${String(parameters["pattern"])}, got ${got}.`;
    case "minLength":
      return `${name} must have at least ${String(parameters["limit"])} characters, got ${got}.`;
    case "maxLength":
      return `${name} must have at most ${String(parameters["limit"])} characters, got ${String(error.data).length}.`;
    case "minItems":
      return `${name} must have at least ${String(parameters["limit"])} entries, got ${(error.data as unknown[]).length}.`;
    case "maxItems":
      return `${name} must have at most ${String(parameters["limit"])} entries, got ${(error.data as unknown[]).length}.`;
    case "minimum":
      return `${name} must be at least ${String(parameters["limit"])}, got ${got}.`;
    case "maximum":
      return `${name} must be at most ${String(parameters["limit"])}, got ${got}.`;
    default:
      return `${name} ${error.message ?? "is not what was expected"}, got ${got}.`;
  }
}

function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), "");
}

function kind(type: unknown): string {
  const names: Record<string, string> = { string: "a text", number: "a number", integer: "a whole number", boolean: "true or false", array: "a list", object: "an object", null: "null" };
  return [type].flat().map((one) => names[String(one)] ?? String(one)).join(" or ");
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
