import type { Socket } from "node:net";
import { openApiDocument } from "@winnow/contract";
import { BlobStoreError, SourceError } from "@winnow/storage";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import type { Logger } from "pino";
import { Authentication } from "../accounts/authentication.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { fileRoutes } from "../blobs/routes.ts";
import { sourceFileRoutes } from "../datasources/file-routes.ts";
import { problemOf } from "../datasources/source-problem.ts";
import { isConnectionProblem, isRefusedValue } from "../db/postgres.ts";
import { newId } from "../db/ids.ts";
import type { Metrics } from "../observing/metrics.ts";
import { metricsRoute } from "../observing/metrics-route.ts";
import { observeRequests, requestIdOf } from "../observing/requests.ts";
import type { Threads } from "../threads/threads.ts";
import { Admission } from "./admission.ts";
import type { Context } from "./context.ts";
import { DomainError } from "./errors.ts";
import { isFull } from "./full-disk.ts";
import { healthRoutes } from "./health.ts";
import { parseJsonBody } from "./json-body.ts";
import { operationRoutes } from "./operations.ts";
import { webApp } from "./web-app.ts";

export interface ApplicationParts {
  readonly context: Context;
  readonly threads: Threads;
  readonly log: AuditLog;
  /** Called after every change: there may be something to do in the queue. */
  readonly afterChange: () => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The server's HTTP side: operations, files, health, the description of itself. */
export async function application({ context, threads, log, afterChange, logger, metrics }: ApplicationParts): Promise<FastifyInstance> {
  const app = Fastify({
    // Requests are observed below; the framework's own lines would hold addresses with their tokens.
    logger: false,
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"], newId),
    bodyLimit: context.configuration.bodySizeMax,
    forceCloseConnections: "idle",
    // Large uploads over slow lines take their time; a client that sends nothing at all is let go.
    requestTimeout: 0,
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 1000, ignoreTrailingSlash: true },
    // The address of a server with a slash at its end gives two in front of the path.
    rewriteUrl: (request) => (request.url ?? "/").replace(/^\/{2,}/, "/"),
    // The framework's own words repeat the address, and with it the token.
    frameworkErrors: (error, _request, reply) => void (reply as FastifyReply).code(400).send(errorBody("MALFORMED_REQUEST", `The address of the request can't be read (${error.code}). Percent-encode what is not plain text in it.`)),
    clientErrorHandler: refuseUnreadable,
  });
  observeRequests(app, logger, metrics);
  app.removeAllContentTypeParsers();
  // Clients send JSON whatever they call it, and a body where none is needed.
  app.addContentTypeParser("*", { parseAs: "string" }, (request, text: string, done) => {
    try {
      const { keepsDecimals } = request.routeOptions.config as { keepsDecimals?: boolean };
      done(null, text === "" ? undefined : parseJsonBody(text, { keepsDecimals }));
    } catch (error) {
      done(error as Error);
    }
  });

  // No answer is anything else than what it says it is; those that may not even run as themselves say more.
  app.addHook("onRequest", async (_request, reply) => void reply.header("x-content-type-options", "nosniff"));
  app.setErrorHandler((raised: FastifyError | DomainError | SourceError, request, reply) => {
    const error = raised instanceof SourceError ? problemOf(raised) : raised;
    if (error instanceof DomainError) {
      if (error.retryAfterSeconds !== undefined) reply.header("retry-after", error.retryAfterSeconds);
      return reply.code(error.status).send(errorBody(error.code, error.message));
    }
    if (error.statusCode === 413) return reply.code(413).send(errorBody("PAYLOAD_TOO_LARGE", `The body is larger than the ${request.routeOptions.bodyLimit ?? context.configuration.bodySizeMax} bytes allowed here.`));
    if (error.statusCode !== undefined && error.statusCode < 500) return reply.code(error.statusCode).send(errorBody("MALFORMED_REQUEST", error.message));
    if (isFull(error)) return reply.code(507).send(errorBody("CREATION_FAILED", "The server's disk is full. Nothing was stored; free some room and try again."));
    if (isRefusedValue(error)) {
      logger.warn({ err: error, requestId: request.id }, "a value was refused by the database, and by nothing before it");
      return reply.code(400).send(errorBody("BAD_REQUEST", "The request holds a value that can't be stored: a number out of range, or a text with a NUL character."));
    }
    metrics.error();
    logger.error({ err: error, requestId: request.id }, `${request.method} ${request.routeOptions.url ?? ""} failed`);
    if (error instanceof BlobStoreError || isConnectionProblem(error)) {
      return reply.code(503).header("retry-after", "2").send(errorBody("BAD_REQUEST", "The server can't reach its database or its store of files at the moment. Try again in a moment."));
    }
    return reply.code(500).send(errorBody("BAD_REQUEST", `The server failed on this request. Its log says more about request ${request.id}.`));
  });
  healthRoutes(app, context);
  const authentication = new Authentication(context.db);
  metricsRoute(app, context, authentication, metrics);
  if (context.configuration.role === "jobs") {
    app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody("NOT_FOUND", "This server works on jobs and answers nothing else (role jobs). Ask one of the others.")));
    return app;
  }
  const answerWithPage = await webApp(app, context.configuration.webFolder);
  app.setNotFoundHandler((request, reply) => {
    if (answerWithPage(request, reply)) return reply;
    return reply.code(404).send(errorBody("NOT_FOUND", `There is nothing at ${request.method} ${request.url.split("?")[0]?.slice(0, 200)}. /openapi.json lists what there is.`));
  });

  const admission = new Admission(context.configuration, metrics);
  operationRoutes(app, context, threads, authentication, admission, log, afterChange);
  await app.register(async (files) => {
    files.addHook("onRequest", admission.hook("file"));
    fileRoutes(files, context, threads);
  });
  await app.register(async (files) => {
    files.addHook("onRequest", admission.hook("file"));
    sourceFileRoutes(files, context);
  });

  let description: string | undefined;
  app.get("/openapi.json", async (_request, reply) => reply.header("content-type", "application/json; charset=utf-8").send((description ??= JSON.stringify(openApiDocument()))));
  return app;
}

/** What is no HTTP, or too much of it, still gets an answer in the form of all others. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, what] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "The address and headers of the request are too long."]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "The request didn't come in time."]
        : ["400 Bad Request", "This is not a valid HTTP request."];
  const body = JSON.stringify(errorBody("MALFORMED_REQUEST", what));
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function errorBody(code: string, message: string): { code: string; message: string; error: string } {
  return { code, message, error: message };
}
