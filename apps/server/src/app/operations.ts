import { Readable } from "node:stream";
import { isWriting, operations, successStatus, type Operation } from "@winnow/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { Authentication } from "../accounts/authentication.ts";
import { sessionOf } from "../accounts/session.ts";
import type { User } from "../accounts/user.ts";
import { attachment } from "../blobs/routes.ts";
import { requireDataset, unknownDataset, type DatasetAccess } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import { isId } from "../db/ids.ts";
import { type AuditLog, isAudited } from "../audit/audit-log.ts";
import { actingAs, type Actor } from "../audit/record.ts";
import { changeBy } from "../events/changes.ts";
import { checkPublicToken } from "../exports/addresses.ts";
import type { Threads } from "../threads/threads.ts";
import type { Admission } from "./admission.ts";
import { Binary, Download, JsonText, PlainText, Redirect, StreamedJson, WithHeaders } from "./answers.ts";
import type { Answer, Call, Handler } from "./call.ts";
import type { Context } from "./context.ts";
import { DomainError } from "./errors.ts";
import { handlersById } from "./handlers.ts";
import type { JsonBody } from "./json-body.ts";
import { QueryReader } from "./query-string.ts";
import { isStorable } from "./storable.ts";
import { Validator, plainSchema } from "./validation.ts";

const noQuery: Readonly<Record<string, never>> = {};

/** Free-form properties of a sample, in which a number that JSON doesn't know becomes null. */
const mayHoldNotNumbers = /^(samples\[\d+\]\.)?(metaData|exif|customMetaData)\b/;

/** Serves every operation of the contract. */
export function operationRoutes(app: FastifyInstance, context: Context, threads: Threads, authentication: Authentication, admission: Admission, log: AuditLog, afterwards: () => void): void {
  const handlers = handlersById(context, threads, log);
  const callers = new WeakMap<FastifyRequest, Caller>();
  for (const operation of operations) {
    const handler = handlers.get(operation.id);
    const bodyLimit = operation.bodyLimit ?? context.configuration.bodySizeMax;
    const status = successStatus(operation);
    const reply = operation.replies[status];
    const schema = plainSchema(reply!);
    app.route({
      method: operation.method as HTTPMethods,
      url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      bodyLimit,
      config: { operation: operation.id, keepsDecimals: operation.keepsDecimals ?? false },
      schema: schema["type"] === "object" || schema["type"] === "array" || schema["anyOf"] ? { response: { [status]: schema } } : {},
      // Before the body is read: whoever may not send it can't keep the server busy with it.
      onRequest: [admission.hookOf(operation), async (request) => void callers.set(request, await letIn(operation, request, context, authentication, log))],
      handler: admission.holding(serve(operation, handler, context, callers, log, afterwards)),
    });
  }
}

/** Who calls, and the dataset that the call is about; neither on public operations. */
interface Caller {
  readonly user?: User;
  readonly credential?: string;
  readonly dataset?: DatasetAccess;
}

/** @throws DomainError when the caller may not do what the operation does */
async function letIn(operation: Operation, request: FastifyRequest, context: Context, authentication: Authentication, log: AuditLog): Promise<Caller> {
  if (operation.access === "public") {
    requireOwnPage(operation, request);
    return {};
  }
  const path = request.params as Readonly<Record<string, string>>;
  const { publicToken } = request.query as Readonly<Record<string, unknown>>;
  if (operation.access === "publicToken" && typeof publicToken === "string") {
    const datasetId = path["datasetId"]!;
    checkPublicToken(context, publicToken, datasetId);
    const row = isId(datasetId) ? await findDataset(context.db, datasetId) : undefined;
    if (!row) throw unknownDataset(datasetId);
    return { dataset: { row, role: "viewer" } };
  }
  const { user, credential } = await signedIn(operation, request, authentication);
  try {
    requireWithinBounds(operation, user);
    return operation.path.includes("{datasetId}") ? { user, credential, dataset: await requireDataset(context.db, user, path["datasetId"]!, operation.access) } : { user, credential };
  } catch (error) {
    if (error instanceof DomainError && error.status === 403) log.note(actorOf(operation, request, { user, credential }), 403);
    throw error;
  }
}

/**
 * A form of another site can send a browser to sign in as somebody else. Browsers say where a POST comes from, programs
 * don't; the page of this server says by a header that it is the one.
 * @throws DomainError FORBIDDEN
 */
function requireOwnPage(operation: Operation, { headers }: FastifyRequest): void {
  if (operation.method !== "GET" && headers.origin !== undefined && headers["x-winnow-app"] === undefined) throw new DomainError("FORBIDDEN", "A request of a browser that signs in needs the header X-Winnow-App.");
}

function actorOf(operation: Operation, request: FastifyRequest, { user, credential }: Caller): Actor {
  const { datasetId, ...target } = request.params as Readonly<Record<string, string>>;
  return {
    action: operation.id,
    ...(user && { user }),
    ...(credential !== undefined && { credential }),
    remoteAddress: request.socket.remoteAddress ?? "",
    ...(datasetId !== undefined && isId(datasetId) && { datasetId }),
    target: Object.fromEntries(Object.entries(target).filter(([, value]) => isStorable(value)).map(([name, value]) => [name, value.slice(0, 200)])),
    recorded: false,
  };
}

/** @throws DomainError FORBIDDEN for what a token doesn't allow of that which its user may do */
function requireWithinBounds(operation: Operation, { bounds }: User): void {
  if (bounds?.readOnly && isWriting(operation)) throw new DomainError("FORBIDDEN", "This token may only read. Use one that may write for this.");
  if (bounds?.datasetIds && !operation.path.includes("{datasetId}") && !operation.boundTokens) throw new DomainError("FORBIDDEN", "This token is bound to some datasets and can't be used for what lies outside of them. Use another one for this.");
}

function serve(operation: Operation, handler: Handler<Operation> | undefined, context: Context, callers: WeakMap<FastifyRequest, Caller>, log: AuditLog, afterwards: () => void) {
  const queryReader = operation.query && new QueryReader(operation.query);
  const bodyValidator = operation.body && new Validator(operation.body, "body");
  const status = successStatus(operation);
  // Sample uploads may hold undefined measures; everything else holds numbers that mean something.
  const lenient = operation.id.startsWith("create_sample");
  const audited = isAudited(operation);

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = request.params as Readonly<Record<string, string>>;
    const given = request.query as Readonly<Record<string, unknown>>;
    const caller = callers.get(request)!;
    const { user, dataset } = caller;
    const query = queryReader ? queryReader.read(given) : noQuery;
    const body = bodyValidator ? checkedBody(request.body as JsonBody | undefined, bodyValidator, lenient) : undefined;
    if (!handler) throw new DomainError("NOT_IMPLEMENTED", `This server doesn't know "${operation.summary.toLowerCase()}" (${operation.id}) yet.`);

    const aborted = new AbortController();
    request.raw.once("aborted", () => aborted.abort());
    const actor = actorOf(operation, request, caller);
    const call = {
      context,
      path: path as never,
      query: query as never,
      body: body as never,
      decimals: (operation.keepsDecimals && (request.body as JsonBody | undefined)?.decimals) || [],
      user: user as User,
      dataset: dataset as DatasetAccess,
      baseUrl: context.configuration.publicUrl ?? `${request.protocol}://${request.host}`,
      userAgent: request.headers["user-agent"] ?? "",
      accept: request.headers.accept ?? "",
      remoteAddress: request.socket.remoteAddress ?? "",
      session: sessionOf(request.headers.cookie),
      ifNoneMatch: request.headers["if-none-match"],
      signal: aborted.signal,
    } satisfies Call<Operation>;
    const answer = await actingAs(actor, () => handler(call));
    if (audited && !actor.recorded) log.note(actor, status);
    if (operation.method !== "GET") {
      afterwards();
      const change = changeBy(operation.path, path);
      if (change) context.changes.publish(change);
    }
    return send(reply, status, answer);
  };
}

function send(reply: FastifyReply, status: number, answer: Answer<Operation>): FastifyReply {
  // Labelling tools follow the addresses of exports from pages of their own origin.
  if (answer instanceof Redirect) return reply.header("access-control-allow-origin", "*").redirect(answer.location, 302);
  reply.code(status);
  if (answer === undefined || answer === null) return reply.send();
  if (answer instanceof WithHeaders) return send(reply.headers(answer.headers), answer.status ?? status, answer.body as Answer<Operation>);
  if (answer instanceof Binary) {
    reply.headers(answer.headers).header("content-type", answer.contentType).header("x-content-type-options", "nosniff");
    return reply.send(answer.content instanceof Uint8Array ? Buffer.from(answer.content.buffer, answer.content.byteOffset, answer.content.byteLength) : answer.content);
  }
  if (answer instanceof StreamedJson) return reply.header("content-type", "application/json; charset=utf-8").send(utf8(answer.pieces));
  if (answer instanceof JsonText) return reply.header("content-type", "application/json; charset=utf-8").send(answer.text);
  if (answer instanceof PlainText) return reply.header("content-type", "text/plain; charset=utf-8").send(typeof answer.pieces === "string" ? answer.pieces : utf8(answer.pieces));
  if (answer instanceof Download) return reply.header("content-type", answer.contentType).header("content-disposition", attachment(answer.fileName)).send(answer.content);
  if (typeof answer === "string") return reply.header("content-type", "application/json; charset=utf-8").send(JSON.stringify(answer));
  return reply.send(answer);
}

function utf8(pieces: AsyncIterable<string>): Readable {
  async function* bytes(): AsyncIterable<Buffer> {
    for await (const piece of pieces) if (piece.length > 0) yield Buffer.from(piece);
  }
  return Readable.from(bytes(), { objectMode: false, highWaterMark: 1024 * 1024 });
}

/**
 * The user of the token, or of the browser's session. A browser sends its cookie along whoever made the page, so what
 * changes something must carry a header too: pages of other sites can't set one.
 */
async function signedIn(operation: Operation, request: FastifyRequest, authentication: Authentication): Promise<Required<Pick<Caller, "user" | "credential">>> {
  const token = tokenOf(request);
  const session = token === undefined ? sessionOf(request.headers.cookie) : undefined;
  if (session === undefined) return authentication.user(token);
  if (operation.method !== "GET" && request.headers["x-winnow-app"] === undefined) throw new DomainError("FORBIDDEN", "A request that changes something by a browser's session needs the header X-Winnow-App.");
  return authentication.userOfSession(session);
}

function tokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as Readonly<Record<string, unknown>>;
  if (typeof token === "string" && token !== "") return token;
  const [scheme, bearer] = (request.headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" ? bearer : undefined;
}

function checkedBody(body: JsonBody | undefined, validator: Validator, lenient: boolean): unknown {
  if (body === undefined) throw new DomainError("BAD_REQUEST", "This request needs a JSON body.");
  const refused = body.notNumbers.find((path) => !(lenient && mayHoldNotNumbers.test(path)));
  if (refused !== undefined) throw new DomainError("BAD_REQUEST", `"${refused}" must be a finite number, got NaN or Infinity.`);
  validator.check(body.value);
  return body.value;
}
