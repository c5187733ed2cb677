/** Files under signed addresses. They are no operations of the contract: whoever has the address may use it as it says. */
import { type BlobFacts, BlobNotFoundError, BlobTooLargeError, EmptyBlobError } from "@winnow/storage";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Readable } from "node:stream";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { isFull } from "../app/full-disk.ts";
import { findDataset } from "../datasets/store.ts";
import { isId } from "../db/ids.ts";
import { archive } from "../exports/archive.ts";
import { receiveEmbedding } from "../embeddings/reception.ts";
import { nameOfRunFile, receiveRunFile } from "../workers/run-file-reception.ts";
import { findSample } from "../samples/store.ts";
import { requireTag } from "../tags/service.ts";
import type { Threads } from "../threads/threads.ts";
import { embeddingMatrixKey, factsOfKey, type KeyFacts } from "./addresses.ts";
import { contentType } from "./content-type.ts";
import { parseRange } from "./range.ts";

type Query = Readonly<Record<string, unknown>>;

export function fileRoutes(app: FastifyInstance, context: Context, threads: Threads): void {
  // Bodies are streamed to where they belong, whatever they say they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.route({
    method: ["GET", "HEAD"],
    url: "/v1/files/*",
    handler: async (request, reply) => {
      const { key, query } = parts(request);
      checkSignature(context, "GET", { key, expires: text(query["expires"]) }, query);
      return send(context, key, request, reply);
    },
  });

  app.route({
    method: "PUT",
    url: "/v1/files/*",
    bodyLimit: Number.MAX_SAFE_INTEGER,
    handler: async (request, reply) => {
      const { key, query } = parts(request);
      const max = text(query["max"]);
      checkSignature(context, "PUT", { key, expires: text(query["expires"]), max }, query);
      await receive(context, threads, key, Number(max), request);
      return reply.code(200).send();
    },
  });

  app.options("/v1/files/*", async (_request, reply) => reply.headers({ ...crossOrigin, "access-control-allow-methods": "GET, HEAD, PUT", "access-control-allow-headers": "*" }).code(204).send());

  app.get("/v1/archives/:datasetId/:tagId", async (request, reply) => {
    const { datasetId, tagId } = request.params as { datasetId: string; tagId: string };
    const query = request.query as Query;
    checkSignature(context, "zip", { datasetId, tagId, expires: text(query["expires"]) }, query);
    const row = isId(datasetId) ? await findDataset(context.db, datasetId) : undefined;
    if (!row) throw new DomainError("DATASET_UNKNOWN", "The dataset of this archive has been deleted.");
    const tag = await requireTag(context.db, row, tagId);
    return reply
      .header("content-type", "application/zip")
      .header("content-disposition", attachment(`${tag.name}.zip`))
      .send(await archive(context, { row, role: "viewer" }, tag));
  });
}

/** Labelling tools load images from pages of their own origin. */
const crossOrigin = { "access-control-allow-origin": "*", "access-control-expose-headers": "content-range, accept-ranges, etag" };
const inert = { "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox", "cross-origin-resource-policy": "cross-origin" };

function parts(request: FastifyRequest): { key: string; query: Query } {
  return { key: (request.params as { "*": string })["*"], query: request.query as Query };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function checkSignature(context: Context, purpose: string, facts: Readonly<Record<string, string>>, query: Query): void {
  if (!context.signer.verify(purpose, facts, text(query["signature"]))) throw new DomainError("FORBIDDEN", "The signature of this address is not valid for this request. Ask the server for a new address.");
  if (!(Number(facts["expires"]) >= Date.now() / 1000)) throw new DomainError("FORBIDDEN", "This address has expired. Ask the server for a new one.");
}

/** What a key stands for, and the name of its file. @throws DomainError NOT_FOUND when its dataset or sample is gone */
async function describe({ db }: Context, key: string): Promise<{ facts: KeyFacts; fileName: string }> {
  const facts = factsOfKey(key);
  if (facts?.kind === "run") return { facts, fileName: await nameOfRunFile(db, facts) };
  const dataset = facts && (await findDataset(db, facts.datasetId));
  if (!facts || !dataset) throw new DomainError("NOT_FOUND", "There is no such file any more: its dataset has been deleted.");
  if (facts.kind === "embedding") return { facts, fileName: "embeddings.csv" };
  const sample = await findSample(db, facts.datasetId, facts.sampleId);
  if (!sample) throw new DomainError("SAMPLE_UNKNOWN", "There is no such sample any more.");
  return { facts, fileName: facts.file === "full" ? sample.file_name : (sample.thumb_name ?? "thumbnail.webp") };
}

async function send(context: Context, key: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { fileName, facts: what } = await describe(context, key);
  const facts = await context.blobs.facts(key);
  if (!facts) throw new DomainError("NOT_FOUND", `"${fileName}" has not been uploaded.`);
  const etag = etagOf(facts);
  // Of all pages only a report is shown as one, in a sandbox: it has an origin of its own, runs nothing and asks nobody for anything.
  const isReportPage = what.kind === "run" && what.file === "report-page";
  const type = isReportPage ? "text/html; charset=utf-8" : contentType(fileName);
  reply.headers({ ...crossOrigin, ...inert, etag, "accept-ranges": "bytes", "cache-control": "private, no-cache", "content-type": type });
  // Viewers of PDF don't start in a sandbox; a PDF runs nothing on this origin.
  if (type === "application/pdf") reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  if (isReportPage) reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox");
  if (type === "application/octet-stream") reply.header("content-disposition", attachment(fileName));
  if (isKnown(request.headers["if-none-match"], etag)) return reply.code(304).send();
  const range = parseRange(wantedRange(request, etag), facts.sizeBytes);
  if (range === "unsatisfiable") return reply.code(416).header("content-range", `bytes */${facts.sizeBytes}`).send();
  if (range) reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${facts.sizeBytes}`);
  reply.header("content-length", range ? range.end - range.start + 1 : facts.sizeBytes);
  if (request.method === "HEAD") return reply.send();
  try {
    return reply.send(await context.blobs.read(key, range));
  } catch (error) {
    if (error instanceof BlobNotFoundError) throw new DomainError("NOT_FOUND", `"${fileName}" has not been uploaded.`);
    throw error;
  }
}

/** Providers' tags hold what they like; what isn't a tag as the standard has it is made into one. */
export function etagOf({ etag, sizeBytes, modifiedMs }: BlobFacts): string {
  return etag !== undefined && /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : `"${sizeBytes.toString(36)}-${Math.round(modifiedMs * 1000).toString(36)}"`;
}

/** Whether a client that lists these tags has the file already (RFC 9110, section 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag) ?? false;
}

/** The Range header, where it counts: for GET, and of the file that the client knows. */
function wantedRange({ method, headers }: FastifyRequest, etag: string): string | undefined {
  const condition = headers["if-range"];
  return method === "GET" && (condition === undefined || condition === etag) ? headers.range : undefined;
}

async function receive(context: Context, threads: Threads, key: string, sizeBytesMax: number, request: FastifyRequest): Promise<void> {
  const { facts } = await describe(context, key);
  if (Number(request.headers["content-length"] ?? 0) > sizeBytesMax) throw new DomainError("PAYLOAD_TOO_LARGE", new BlobTooLargeError(sizeBytesMax).message);
  const content = (request.body ?? request.raw) as Readable;
  try {
    if (facts.kind === "embedding") await receiveEmbedding(context, threads, facts, content, sizeBytesMax);
    else if (facts.kind === "run") await receiveRunFile(context, facts, key, content, sizeBytesMax);
    else await context.blobs.write(key, content, { sizeBytesMax });
    await describe(context, key);
  } catch (error) {
    // What was deleted while its file came must not leave the file behind.
    if (error instanceof DomainError && error.status === 404) {
      await context.blobs.remove(key);
      if (facts.kind === "embedding") await context.blobs.remove(embeddingMatrixKey(facts.datasetId, facts.embeddingId));
    }
    if (error instanceof EmptyBlobError) throw new DomainError("BAD_REQUEST", error.message);
    if (error instanceof BlobTooLargeError) throw new DomainError("PAYLOAD_TOO_LARGE", error.message);
    // Whoever stops reading breaks off the request, too: then it isn't the client's doing.
    if (isFull(error)) throw error;
    if (request.raw.destroyed && !request.raw.complete) throw new DomainError("BAD_REQUEST", "The upload was broken off. Nothing was stored.");
    throw error;
  }
}

/** A name for saving, also for clients that only know ASCII. */
export function attachment(fileName: string): string {
  const last = fileName.slice(fileName.lastIndexOf("/") + 1);
  const ascii = last.replaceAll(/[^\x20-\x7e]|["\\]/g, "_");
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(last).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}
