/** The contract as an OpenAPI 3.1 document. */
import type { TSchema } from "typebox";
import * as errors from "./errors.ts";
import type { Operation } from "./model.ts";
import { successStatus } from "./model.ts";
import { domains } from "./operations.ts";

type Json = Readonly<Record<string, unknown>>;

const version = "1.2.47";

/** Describes every operation: what the server serves at `/openapi.json`. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [tag, rows] of Object.entries(domains)) {
    for (const operation of Object.values(rows) as Operation[]) {
      paths[operation.path] ??= {};
      paths[operation.path]![operation.method.toLowerCase()] = describe(operation, tag);
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Winnow",
      version,
      description: "Visual data curation: protocol 1.2 and our additions to it (marked with x-since: winnow).",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.keys(domains).map((name) => ({ name })),
    paths,
    components: {
      schemas: { ApiErrorResponse: plain(errors.ApiErrorResponse) },
      securitySchemes: {
        token: { type: "apiKey", in: "query", name: "token" },
        bearer: { type: "http", scheme: "bearer" },
        publicToken: { type: "apiKey", in: "query", name: "publicToken" },
      },
    },
  };
}

function describe(operation: Operation, tag: string): Json {
  const status = successStatus(operation);
  const reply = plain(operation.replies[status]!);
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const query = operation.query ? (plain(operation.query) as { properties?: Record<string, Json>; required?: string[] }) : undefined;
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [tag],
    ...(operation.since === undefined ? {} : { "x-since": operation.since }),
    "x-access": operation.access,
    security: security(operation),
    parameters: [
      ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
      ...Object.entries(query?.properties ?? {}).map(([name, schema]) => ({ name, in: "query", required: query?.required?.includes(name) ?? false, schema })),
    ],
    ...(operation.body === undefined ? {} : { requestBody: { required: true, content: { "application/json": { schema: plain(operation.body) } } } }),
    responses: {
      [status]: { description: "Success", ...(reply["type"] === "null" ? {} : { content: { "application/json": { schema: reply } } }) },
      default: { description: "An error", content: { "application/json": { schema: { $ref: "#/components/schemas/ApiErrorResponse" } } } },
    },
  };
}

function security(operation: Operation): Json[] {
  if (operation.access === "public") return [];
  const signedIn = [{ token: [] }, { bearer: [] }];
  return operation.access === "publicToken" ? [...signedIn, { publicToken: [] }] : signedIn;
}

function plain(schema: TSchema): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}
