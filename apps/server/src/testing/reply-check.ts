/** Holds every reply to the contract: status and body, with nothing in it that the contract doesn't list. */
import { ApiErrorResponse, operations, successStatus, type Operation } from "@winnow/contract";
import { Ajv, type ValidateFunction } from "ajv";
import type { TSchema } from "typebox";

const ajv = new Ajv({ strict: false, allErrors: true, strictNumbers: true });
const compiled = new Map<TSchema, ValidateFunction>();

/** The same schema, refusing what it doesn't list. Objects that allow anything (free-form metadata) stay open. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== "object") return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  if (copy["type"] === "object" && copy["properties"] !== undefined && copy["additionalProperties"] === undefined) copy["additionalProperties"] = false;
  return copy;
}

function complaints(schema: TSchema, value: unknown): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(closed(JSON.parse(JSON.stringify(schema))) as object);
    compiled.set(schema, validate);
  }
  return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
}

const routes = operations
  .map((operation) => ({
    operation,
    pattern: new RegExp(`^/*${operation.path.slice(1).replaceAll(/\{\w+\}/g, "[^/]*")}/?$`),
    parameters: operation.path.split("{").length,
  }))
  // `/datasets/enriched` is no `/datasets/{datasetId}`.
  .toSorted((a, b) => a.parameters - b.parameters);

/** The operation that a request reaches, if it is one of the contract. */
export function operationAt(method: string, path: string): Operation | undefined {
  const plain = path.split("?")[0]!;
  return routes.find((route) => route.operation.method === method && route.pattern.test(plain))?.operation;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as JSON, as text where it is no JSON, or undefined where there is none. */
  readonly body: unknown;
  readonly bytes: Buffer;
}

/**
 * @param schema what a success holds, where the contract leaves a choice that it can't write down
 * @throws Error that lists everything in which a reply isn't what the contract says
 */
export function checkReply(method: string, path: string, reply: Reply, schema?: TSchema): void {
  const operation = operationAt(method, path);
  if (!operation) return;
  const wrong: string[] = [];
  if (reply.status >= 400) {
    wrong.push(...complaints(ApiErrorResponse, reply.body));
    const { message, error } = (reply.body ?? {}) as { message?: string; error?: string };
    if (message !== error) wrong.push("message and error differ");
    if (message !== undefined && !/^\S.{8,}\S$/su.test(message)) wrong.push(`the message says too little: ${message}`);
    if (reply.status >= 500 && reply.status !== 501 && reply.status !== 503 && reply.status !== 507) wrong.push(`status ${reply.status}`);
  } else {
    const status = successStatus(operation);
    if (reply.status !== status) wrong.push(`status ${reply.status} instead of ${status}`);
    const expected = schema ?? operation.replies[status]!;
    if ((expected as { type?: string }).type === "null") {
      if (reply.bytes.length > 0) wrong.push("a body where none is declared");
    } else if (reply.headers["content-type"] !== "application/zip") wrong.push(...complaints(expected, reply.body));
  }
  if (wrong.length > 0) throw new Error(`${operation.id} (${method} ${path}) answered against the contract:\n${wrong.join("\n")}\n${reply.bytes.toString("utf8").slice(0, 2000)}`);
}
