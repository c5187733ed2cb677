import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fileServer from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { landingPage } from "./landing-page.ts";

/**
 * What the page may do: run its own scripts and nothing else. Images and videos of a dataset may lie in any bucket, so
 * they may come from elsewhere; requests go to this server only.
 */
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: http: https:; media-src 'self' blob: http: https:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves the web app: its files, and its page for every address that the page itself understands.
 * @param folder the built app; without one, or before it is built, a plain page says that the server runs
 * @returns answers a request for a page; false when the request asks for something else
 */
export async function webApp(app: FastifyInstance, folder: string | undefined): Promise<(request: FastifyRequest, reply: FastifyReply) => boolean> {
  if (folder === undefined || !existsSync(join(folder, "index.html"))) {
    app.get("/", async (_request, reply) => reply.header("content-type", "text/html; charset=utf-8").header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'").send(landingPage()));
    return () => false;
  }
  const page = readFileSync(join(folder, "index.html"));
  const send = (reply: FastifyReply) =>
    reply
      .headers({ "content-type": "text/html; charset=utf-8", "content-security-policy": policy, "cache-control": "no-cache", "x-content-type-options": "nosniff", "referrer-policy": "same-origin" })
      .send(page);
  app.get("/", async (_request, reply) => send(reply));
  // Names below assets/ carry a hash of what is in the file.
  await app.register(fileServer, {
    root: join(folder, "assets"),
    prefix: "/assets/",
    index: false,
    immutable: true,
    maxAge: "365d",
    setHeaders: (response) => void response.header("x-content-type-options", "nosniff"),
  });
  app.get("/winnow.svg", async (_request, reply) => reply.header("content-type", "image/svg+xml").header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'").send(readFileSync(join(folder, "winnow.svg"))));
  return (request, reply) => {
    const path = request.url.split("?")[0] ?? "/";
    if ((request.method !== "GET" && request.method !== "HEAD") || /^\/(v\d|assets|openapi)/i.test(path) || !(request.headers.accept ?? "").includes("text/html")) return false;
    void send(reply);
    return true;
  };
}
