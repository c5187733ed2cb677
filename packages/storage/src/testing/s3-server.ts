/**
 * S3 for tests: the s3rver package, with what it lacks put in front. It checks no signatures of version 4 (we do, and refuse
 * wrong regions with them), it lists folder by folder instead of in the order of keys (we list in S3's order), takes the range
 * 0-0 for everything, writes objects in place and says so before they are written (we put them there whole, as S3 does), and
 * has no token service (we answer AssumeRole, with an external id that has to be right).
 */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { compareBytes } from "../paths.ts";
import { signatureError, type KnownKey } from "./s3-signature.ts";

interface Stored {
  content: Readable | null;
  range: { start: number; end: number };
}
interface Store {
  getObject(bucket: string, key: string, options?: { start?: number; end?: number }): Promise<Stored | null>;
  rootDirectory: string;
  listObjects(bucket: string, options: { startAfter?: string; prefix?: string; maxKeys?: number }): Promise<unknown>;
  getMetadata(bucket: string, key: string): Promise<Record<string, unknown>>;
  putMetadata(bucket: string, key: string, metadata: object, md5: string): Promise<void>;
  putObject(object: { bucket: string; key: string; content: Buffer | Readable; metadata: object }): Promise<{ size: number; md5: string }>;
  getResourcePath(bucket: string, key: string, resource: "object"): string;
}
type S3rver = new (options: object) => { store: Store; callback(): RequestListener; configureBuckets(): Promise<unknown> };

export interface S3Server {
  readonly endpoint: string;
  readonly folder: string;
  /** Requests so far, as `METHOD /path?query`. */
  readonly asked: string[];
  /** While set, every request is answered with this status and code. */
  failing: { status: number; code: string } | undefined;
  close(): Promise<void>;
}

export const s3Region = "eu-central-1";
export const s3Key = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" } as const;
export const role = { roleArn: "arn:aws:iam::123456789012:role/winnow", externalId: "dataset-0123456789" } as const;

export async function startS3Server(bucket: string): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-s3-"));
  const begunFolder = await mkdtemp(join(tmpdir(), "winnow-s3-begun-"));
  const require = createRequire(import.meta.url);
  const Server = require("s3rver") as S3rver;
  const S3Object = require("s3rver/lib/models/object.js") as new (bucket: string, key: string, content: null, metadata: object) => object;
  const app = new Server({ directory: folder, silent: true, configureBuckets: [{ name: bucket }] });
  await app.configureBuckets();
  const { store } = app;
  store.listObjects = async (name, { startAfter = "", prefix = "", maxKeys = 1000 }) => {
    const names = await readdir(join(folder, name), { recursive: true });
    const suffix = "._S3rver_object";
    const keys = names.filter((one) => one.endsWith(suffix)).map((one) => one.slice(0, -suffix.length)).filter((key) => key.startsWith(prefix) && compareBytes(key, startAfter) > 0).sort(compareBytes);
    const objects = await Promise.all(keys.slice(0, maxKeys).map(async (key) => new S3Object(name, key, null, await store.getMetadata(name, key))));
    return { objects, commonPrefixes: [], isTruncated: keys.length > maxKeys };
  };

  // An object and what is said of it change together for whoever opens it.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const getObject = store.getObject.bind(store);
  store.getObject = async (name, key, options) => {
    const found = await inTurn(() => getObject(name, key, options));
    if (options?.end === 0 && found?.content) {
      const whole = await buffer(found.content);
      found.content = Readable.from([whole.subarray(0, 1)]);
      found.range = { start: 0, end: 0 };
    }
    return found;
  };

  store.putObject = async ({ bucket: name, key, content, metadata }) => {
    const begun = join(begunFolder, randomUUID());
    const hash = createHash("md5");
    let size = 0;
    const counted = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(Buffer.isBuffer(content) ? Readable.from([content]) : content, counted, createWriteStream(begun));
      const path = store.getResourcePath(name, key, "object");
      await mkdir(dirname(path), { recursive: true });
      const md5 = hash.digest("hex");
      await inTurn(async () => {
        await store.putMetadata(name, key, metadata, md5);
        await rename(begun, path);
      });
      return { size, md5 };
    } catch (error) {
      await rm(begun, { force: true });
      throw error;
    }
  };

  const keys = new Map<string, KnownKey>([[s3Key.accessKeyId, { secret: s3Key.secretAccessKey }]]);
  const answer = app.callback();
  const state: Pick<S3Server, "asked" | "failing"> = { asked: [], failing: undefined };
  const server = createServer((request, response) => {
    state.asked.push(`${request.method} ${request.url}`);
    if (state.failing) refuse(response, state.failing.status, state.failing.code);
    else if (request.method === "POST" && request.url === "/" && String(request.headers.authorization).includes("/sts/")) {
      void text(request).then((body) => assumeRole(new URLSearchParams(body), signatureError(request, keys, undefined, "sts", body), keys, response));
    } else {
      const code = signatureError(request, keys, s3Region, "s3");
      if (code) refuse(response, code === "AuthorizationHeaderMalformed" ? 400 : 403, code);
      else {
        // s3rver knows one account: its own.
        if (request.headers.authorization) request.headers.authorization = request.headers.authorization.replace(/Credential=[^/]+/, `Credential=${s3Key.accessKeyId}`);
        request.url = (request.url ?? "").replace(/X-Amz-Credential=[^%&]+/, `X-Amz-Credential=${s3Key.accessKeyId}`);
        // Its continuation tokens need a cipher that newer versions of OpenSSL don't have; the older form of the listing needs none.
        if (/[?&]list-type=2/.test(request.url)) request.url = request.url.replace(/list-type=2&?/, "").replace("start-after=", "marker=");
        answer(request, response);
      }
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await Promise.all([folder, begunFolder].map((one) => rm(one, { recursive: true })));
    },
  });
}

function assumeRole(form: URLSearchParams, wrong: string | undefined, keys: Map<string, KnownKey>, response: ServerResponse): void {
  const code = wrong ?? (form.get("Action") !== "AssumeRole" ? "InvalidAction" : form.get("RoleArn") === role.roleArn && form.get("ExternalId") === role.externalId ? undefined : "AccessDenied");
  if (code) {
    response.writeHead(403, { "Content-Type": "text/xml" }).end(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`);
    return;
  }
  const id = `ASIA${keys.size}`;
  keys.set(id, { secret: `secret-of-${id}`, token: `token-of-${id}` });
  const expiration = new Date(Date.now() + Number(form.get("DurationSeconds")) * 1000).toISOString();
  response.writeHead(200, { "Content-Type": "text/xml" }).end(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>secret-of-${id}</SecretAccessKey><SessionToken>token-of-${id}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "Content-Type": "application/xml", Connection: "close" }).end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message>${code === "AuthorizationHeaderMalformed" ? `<Region>${s3Region}</Region>` : ""}</Error>`);
}
