import { access, constants } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import type { Context } from "./context.ts";

const patienceMs = 3_000;

/**
 * `/healthz`: the process answers; whoever runs it may restart it when it doesn't. `/readyz`: it can do its work just now; whoever
 * sends it requests may leave it out while it can't. A server that stops isn't ready any more.
 */
export function healthRoutes(app: FastifyInstance, { db, blobs, configuration }: Context): void {
  let isStopping = false;
  app.addHook("preClose", async () => void (isStopping = true));
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const checks: Readonly<Record<string, () => Promise<unknown>>> = {
      "the database can't be reached": () => sql`select 1`.execute(db),
      "the store of files can't be reached": () => blobs.facts("readiness"),
      "the data folder can't be written": () => access(configuration.dataFolder, constants.W_OK),
    };
    const problems = (await Promise.all(Object.entries(checks).map(async ([problem, check]) => ((await holds(check)) ? [] : [problem])))).flat();
    if (isStopping) problems.push("the server stops");
    return problems.length === 0 ? { status: "ready" } : reply.code(503).header("retry-after", "2").send({ status: "not ready", problems });
  });
}

/** Whether a check succeeds before anybody would have given up on it. */
function holds(check: () => Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), patienceMs);
    check().then(() => resolve(true), () => resolve(false)).finally(() => clearTimeout(late));
  });
}
