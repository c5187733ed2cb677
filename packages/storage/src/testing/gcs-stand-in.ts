/**
 * A stand-in for Google Cloud Storage, written for these tests because no emulator could be had from npm: the part of the
 * JSON API that the official client uses here, and addresses signed by version 4, checked with the account's public
 * key from the published rules. It proves that our side and the official client agree with those rules, not what Google does.
 */
import { createHash, createPublicKey, createVerify, generateKeyPairSync, randomUUID, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { compareBytes } from "../paths.ts";
import { crc32c } from "./crc32c.ts";

interface Stored {
  readonly content: Buffer;
  readonly updated: Date;
}

export interface GcsStandIn {
  readonly endpoint: string;
  /** A key file that it knows. */
  readonly credentials: string;
  readonly objects: Map<string, Stored>;
  readonly asked: string[];
  /** While set, every request is answered so. */
  failing: { status: number; message: string } | undefined;
  close(): Promise<void>;
}

export async function startGcsStandIn(bucket: string): Promise<GcsStandIn> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const credentials = { type: "service_account", project_id: "winnow-test", client_email: "tester@winnow-test.iam.gserviceaccount.com", private_key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
  const objects = new Map<string, Stored>();
  let endpoint = "";
  const state: Pick<GcsStandIn, "asked" | "failing"> = { asked: [], failing: undefined };
  const server = createServer((request, response) => {
    state.asked.push(`${request.method} ${request.url}`);
    const run = state.failing ? Promise.reject(new Failure(state.failing.status, state.failing.message)) : answer(request, response, { bucket, objects, key: createPublicKey(privateKey), email: credentials.client_email });
    run.catch((error: unknown) => {
      if (!(error instanceof Failure)) return response.destroy();
      const body = { error: { code: error.status, message: error.message, errors: [{ message: error.message, reason: "test" }] } };
      return response.writeHead(error.status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    endpoint,
    credentials: JSON.stringify(credentials),
    objects,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Place {
  readonly bucket: string;
  readonly objects: Map<string, Stored>;
  readonly key: KeyObject;
  readonly email: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
  const [path = "/", search = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  const query = new URLSearchParams(search);
  const json = (body: unknown) => response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  const api = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(path);
  if (!api) {
    await signed(request, response, path, search, place);
    return;
  }
  const [, upload, bucket = "", encoded] = api;
  if (decodeURIComponent(bucket) !== place.bucket) throw new Failure(404, "The specified bucket does not exist.");
  if (upload) {
    const name = query.get("name") ?? "";
    const content = await partsContent(request);
    const stored = { content, updated: new Date() };
    place.objects.set(name, stored);
    json(facts(name, stored));
    return;
  }
  if (encoded === undefined) {
    const max = Number(query.get("maxResults") ?? 1000);
    const names = [...place.objects.keys()].filter((name) => name.startsWith(query.get("prefix") ?? "") && compareBytes(name, query.get("startOffset") ?? "") >= 0).sort(compareBytes);
    const page = names.slice(0, max);
    json({ items: page.map((name) => facts(name, place.objects.get(name) as Stored)), ...(names.length > max && { nextPageToken: randomUUID() }) });
    return;
  }
  const name = decodeURIComponent(encoded);
  if (request.method === "DELETE") {
    if (!place.objects.delete(name)) throw new Failure(404, `No such object: ${place.bucket}/${name}`);
    response.writeHead(204).end();
    return;
  }
  const stored = place.objects.get(name);
  if (!stored) throw new Failure(404, `No such object: ${place.bucket}/${name}`);
  if (query.get("alt") === "media") send(request, response, stored);
  else json(facts(name, stored));
}

function facts(name: string, { content, updated }: Stored): object {
  return { kind: "storage#object", name, size: String(content.length), updated: updated.toISOString(), etag: createHash("md5").update(content).digest("base64"), md5Hash: createHash("md5").update(content).digest("base64"), crc32c: crc32c(content) };
}

function send(request: IncomingMessage, response: ServerResponse, { content }: Stored): void {
  const [, first, last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined) {
    response.writeHead(200, { "Content-Length": content.length }).end(content);
    return;
  }
  if (Number(first) >= content.length) throw new Failure(416, "Request range not satisfiable");
  const part = content.subarray(Number(first), last === "" ? undefined : Number(last) + 1);
  response.writeHead(206, { "Content-Length": part.length, "Content-Range": `bytes ${first}-${Number(first) + part.length - 1}/${content.length}` }).end(part);
}

/** The second part of a multipart/related body: the first one holds facts. */
async function partsContent(request: IncomingMessage): Promise<Buffer> {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers["content-type"] ?? "")?.[1] ?? "";
  const body = await buffer(request);
  const mark = Buffer.from(`--${boundary}`);
  const second = body.indexOf(mark, mark.length);
  const start = body.indexOf("\r\n\r\n", second) + 4;
  const end = body.lastIndexOf(`\r\n--${boundary}--`);
  // What breaks off has no end.
  if (boundary === "" || second === -1 || end < start) throw new Failure(400, "The body is not complete.");
  return body.subarray(start, end);
}

/** GET and PUT by an address signed with version 4. */
async function signed(request: IncomingMessage, response: ServerResponse, path: string, search: string, place: Place): Promise<void> {
  const query = new URLSearchParams(search);
  const date = query.get("X-Goog-Date") ?? "";
  const credential = query.get("X-Goog-Credential") ?? "";
  const scope = credential.slice(credential.indexOf("/") + 1);
  const names = query.get("X-Goog-SignedHeaders") ?? "";
  const canonical = [
    request.method,
    path,
    search.split("&").filter((one) => !one.startsWith("X-Goog-Signature=")).sort().join("&"),
    // The client signs the host without its port.
    ...names.split(";").map((name) => `${name}:${String(request.headers[name] ?? "").trim().replace(name === "host" ? /:\d+$/ : /^$/, "")}`),
    "",
    names,
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const text = ["GOOG4-RSA-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  if (!credential.startsWith(`${place.email}/`) || !createVerify("RSA-SHA256").update(text).verify(place.key, query.get("X-Goog-Signature") ?? "", "hex")) throw new Failure(403, "SignatureDoesNotMatch");
  const made = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Date.now() > made + Number(query.get("X-Goog-Expires")) * 1000) throw new Failure(400, "ExpiredToken");
  const [, bucket = "", ...rest] = path.split("/").map(decodeURIComponent);
  if (bucket !== place.bucket) throw new Failure(404, "The specified bucket does not exist.");
  const name = rest.join("/");
  if (request.method === "PUT") {
    place.objects.set(name, { content: await buffer(request), updated: new Date() });
    response.writeHead(200).end();
    return;
  }
  const stored = place.objects.get(name);
  if (!stored) throw new Failure(404, "NoSuchKey");
  send(request, response, stored);
}
