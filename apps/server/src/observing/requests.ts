import { context as activeContext } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Metrics } from "./metrics.ts";
import { beginRequest, endRequest } from "./tracing.ts";

/** Of a caller that has a number for it already, such as a proxy, that one is kept. */
const ownId = /^[\w.:/+=@-]{1,128}$/;

/** The number of a request: in its answer, its lines of the log and its trace. @param fallback a new one */
export function requestIdOf(given: string | string[] | undefined, fallback: () => string): string {
  return typeof given === "string" && ownId.test(given) ? given : fallback();
}

/** Which operation a request is for; unknown paths are one, so that nobody can make names. */
export function operationOf({ routeOptions }: FastifyRequest): string {
  const { operation } = routeOptions.config as { operation?: string };
  return operation ?? routeOptions.url ?? "unknown";
}

/** Counts, logs and traces each request. Its query, where tokens and signatures are, and its headers aren't looked at. */
export function observeRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  app.addHook("onRequest", (request, reply, done) => {
    const began = performance.now();
    reply.header("x-request-id", request.id);
    // Kept from now: a pipeline that fails takes the socket from its request.
    const { remoteAddress } = request.socket;
    const { span, within } = beginRequest(request.method, operationOf(request), request.headers);
    reply.raw.once("close", () => {
      const operation = operationOf(request);
      const status = reply.raw.headersSent ? reply.statusCode : 499;
      const ms = performance.now() - began;
      metrics.request(operation, request.method, status, ms / 1000);
      endRequest(span, status);
      const level = status >= 500 ? "warn" : "info";
      if (logger.isLevelEnabled(level)) {
        logger[level]({ requestId: request.id, method: request.method, path: request.url.split("?")[0]!.slice(0, 500), operation, status, ms: Math.round(ms * 10) / 10, remoteAddress }, "request");
      }
    });
    activeContext.with(within, done);
  });
}
