/** Server-sent events of what changes. No operation of the contract: a stream that doesn't end. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { User } from "../accounts/user.ts";
import type { Changes } from "./changes.ts";

/** Keeps proxies from closing the line, and looks again who listens. */
const beatMs = 25_000;
/** A page opens one; who opens very many is up to no good. */
const openMax = 1_000;

/**
 * `GET /v1/events`: events named `change` with `{ topic, datasetId? }`.
 * @param signedIn the user of a request, checked anew with every beat, so that who signs out hears no more
 */
export function eventRoutes(app: FastifyInstance, changes: Changes, signedIn: (request: FastifyRequest) => Promise<User>): void {
  const open = new Set<() => void>();

  app.get("/v1/events", async (request, reply) => {
    const user = await signedIn(request);
    if (open.size >= openMax) return reply.code(503).header("retry-after", 30).send();
    reply.hijack();
    const line = reply.raw;
    line.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff" });
    line.write("retry: 2000\n\n");
    const silence = changes.listen(user, (change) => {
      // Who doesn't read is let go, and asks for everything when it comes again.
      if (line.writableLength > 1_000_000) end();
      else line.write(`event: change\ndata: ${JSON.stringify(change)}\n\n`);
    });
    const beat = setInterval(() => {
      signedIn(request).then(
        () => line.write(": still here\n\n"),
        () => end(),
      );
    }, beatMs);
    beat.unref();
    const end = () => {
      clearInterval(beat);
      silence();
      open.delete(end);
      line.end();
    };
    open.add(end);
    request.raw.once("close", end);
    return reply;
  });

  app.addHook("preClose", (done) => {
    for (const end of open) end();
    done();
  });
}
