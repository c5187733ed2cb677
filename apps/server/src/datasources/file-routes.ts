/** Files of datasources under signed addresses of this server. They are no operations of the contract: whoever has the address may use it as it says. */
import { mediaType } from "@winnow/storage";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Readable } from "node:stream";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { contentType } from "../blobs/content-type.ts";
import { parseRange } from "../blobs/range.ts";
import { attachment, etagOf } from "../blobs/routes.ts";
import { findDataset } from "../datasets/store.ts";
import { isId } from "../db/ids.ts";
import { isSigned, type FileFacts } from "./addresses.ts";
import type { OpenedSource, SourceUse } from "./sources.ts";

const url = "/v1/sources/:datasetId/:use/*";

/** Labelling tools load images from pages of their own origin. */
const crossOrigin = { "access-control-allow-origin": "*", "access-control-expose-headers": "content-range, accept-ranges, etag" };
const inert = { "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox", "cross-origin-resource-policy": "cross-origin" };

export function sourceFileRoutes(app: FastifyInstance, context: Context): void {
  // Bodies are streamed to where they belong, whatever they say they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.route({
    method: ["GET", "HEAD"],
    url,
    handler: async (request, reply) => {
      const facts = checkedFacts(context, "GET", request);
      const opened = await sourceOf(context, facts);
      // An address of the provider knows GET only.
      if (opened.servedHere || request.method === "HEAD") return send(opened, facts.path, request, reply);
      const seconds = Math.min(context.configuration.signedUrlSeconds, opened.source.urls.secondsMax);
      return reply.headers(crossOrigin).header("cache-control", "private, no-store").redirect(await opened.source.readUrl(facts.path, seconds), 302);
    },
  });

  app.route({
    method: "PUT",
    url,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    handler: async (request, reply) => {
      const facts = checkedFacts(context, "PUT", request);
      await receive(await sourceOf(context, facts), facts, request);
      return reply.headers(crossOrigin).code(200).send();
    },
  });

  app.options(url, async (_request, reply) => reply.headers({ ...crossOrigin, "access-control-allow-methods": "GET, HEAD, PUT", "access-control-allow-headers": "*" }).code(204).send());
}

/** @throws DomainError FORBIDDEN when the address isn't one of ours for this, or has expired */
function checkedFacts(context: Context, method: "GET" | "PUT", request: FastifyRequest): FileFacts {
  const { datasetId = "", use = "", "*": path = "" } = request.params as Readonly<Record<string, string>>;
  const query = request.query as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const facts: FileFacts = { datasetId, use: use.toUpperCase() as SourceUse, path, expires: text("expires"), ...(method === "PUT" && { max: text("max") }) };
  if (!isSigned(context, method, facts, text("signature"))) throw new DomainError("FORBIDDEN", "The signature of this address is not valid for this request. Ask the server for a new address.");
  if (!(Number(facts.expires) >= Date.now() / 1000)) throw new DomainError("FORBIDDEN", "This address has expired. Ask the server for a new one.");
  return facts;
}

async function sourceOf(context: Context, { datasetId, use }: FileFacts): Promise<OpenedSource> {
  const dataset = isId(datasetId) ? await findDataset(context.db, datasetId) : undefined;
  if (!dataset) throw new DomainError("NOT_FOUND", "There is no such file any more: its dataset has been deleted.");
  return context.sources.require(datasetId, use);
}

async function send({ source }: OpenedSource, path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const facts = await source.facts(path);
  if (!facts) throw new DomainError("NOT_FOUND", `There is no file "${path}" in the datasource.`);
  const etag = etagOf(facts);
  const type = path.endsWith(".json") ? mediaType(path) : contentType(path);
  reply.headers({ ...crossOrigin, ...inert, etag, "accept-ranges": "bytes", "cache-control": "private, no-cache", "content-type": type });
  if (facts.modifiedMs > 0) reply.header("last-modified", new Date(facts.modifiedMs).toUTCString());
  if (type === "application/octet-stream") reply.header("content-disposition", attachment(path));
  if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
  const condition = request.headers["if-range"];
  const range = parseRange(request.method === "GET" && (condition === undefined || condition === etag) ? request.headers.range : undefined, facts.sizeBytes);
  if (range === "unsatisfiable") return reply.code(416).header("content-range", `bytes */${facts.sizeBytes}`).send();
  const whole = { start: 0, end: facts.sizeBytes - 1 };
  const { start, end } = range ?? whole;
  if (range) reply.code(206).header("content-range", `bytes ${start}-${end}/${facts.sizeBytes}`);
  reply.header("content-length", end - start + 1);
  if (request.method === "HEAD") return reply.send();
  // No more bytes than were announced, should the file grow meanwhile.
  return reply.send(await source.read(path, range ?? whole));
}

/** Whether a client that lists these tags has the file already (RFC 9110, section 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag) ?? false;
}

async function receive({ source }: OpenedSource, { path, max }: FileFacts, request: FastifyRequest): Promise<void> {
  const sizeBytesMax = Number(max);
  const tooLarge = () => new DomainError("PAYLOAD_TOO_LARGE", `Files of at most ${sizeBytesMax} bytes are taken here.`);
  if (Number(request.headers["content-length"] ?? 0) > sizeBytesMax) throw tooLarge();
  const content = (request.body ?? request.raw) as Readable;
  async function* limited(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > sizeBytesMax) throw tooLarge();
      yield chunk;
    }
  }
  try {
    await source.write(path, limited());
  } catch (error) {
    if (request.raw.destroyed && !request.raw.complete) throw new DomainError("BAD_REQUEST", "The upload was broken off. Nothing was stored.");
    throw error;
  }
}
