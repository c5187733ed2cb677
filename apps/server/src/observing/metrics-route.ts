import type { FastifyInstance } from "fastify";
import type { Authentication } from "../accounts/authentication.ts";
import { firstUser } from "../accounts/store.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { Metrics } from "./metrics.ts";

/** What Prometheus asks for, with a token of the installation's owner, unless the operator says that anybody may see it. */
export function metricsRoute(app: FastifyInstance, { db, configuration }: Context, authentication: Authentication, metrics: Metrics): void {
  app.get("/metrics", async ({ headers }, reply) => {
    if (!configuration.openMetrics) {
      const { user } = await authentication.user(/^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1]);
      if (user.id !== (await firstUser(db))?.id || user.bounds?.datasetIds) throw new DomainError("FORBIDDEN", "Only a token of this installation's owner that isn't bound to datasets sees its metrics.");
    }
    return reply.header("content-type", metrics.contentType).send(await metrics.text());
  });
}
