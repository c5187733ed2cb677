import type { TObject } from "typebox";
import { DomainError } from "./errors.ts";
import { requireStorable } from "./storable.ts";
import { plainSchema, Validator } from "./validation.ts";

/** Reads the query of an operation: numbers, and booleans in any case (`True`, `false`); unknown names are ignored. */
export class QueryReader {
  readonly #properties: Record<string, { type?: string }>;
  readonly #validator: Validator;

  constructor(schema: TObject) {
    this.#properties = (plainSchema(schema)["properties"] ?? {}) as Record<string, { type?: string }>;
    this.#validator = new Validator(schema, "query");
  }

  /** @throws DomainError BAD_REQUEST */
  read(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const query: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(this.#properties)) {
      const raw = given[name];
      if (raw === undefined) continue;
      if (typeof raw !== "string") throw new DomainError("BAD_REQUEST", `"${name}" stands more than once in the query.`);
      requireStorable(name, raw);
      query[name] = convert(raw, schema.type);
    }
    this.#validator.check(query);
    return query;
  }
}

function convert(raw: string, type: string | undefined): unknown {
  if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(raw)) return Number(raw);
  if (type === "boolean") {
    const lower = raw.toLowerCase();
    if (lower === "true") return true;
    if (lower === "false") return false;
  }
  return raw;
}
