/**
 * A server that answers every request of the protocol's client with something fixed, and writes down what was asked.
 * The Python client was recorded against it; the tests hold ours to the record.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One request, without what differs from run to run. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Whether the token came as query parameter. */
  readonly token: boolean;
  /** JSON body, or for signed addresses what kind of file it was. */
  readonly body?: unknown;
}

/** What the dataset holds. */
export interface State {
  readonly tags: boolean;
  readonly samples: boolean;
  readonly embeddings: boolean;
}

export const TOKEN = "a token/with+signs";
export const id = (number: number) => number.toString(16).padStart(24, "0");
export const DATASET = id(0xd1);
export const NAMES = ["a.jpg", "sub/b.png", "c.jpg"];
const FULL: State = { tags: true, samples: true, embeddings: true };
const IMAGE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWP4z8AAAAMBAQCc479ZAAAAAElFTkSuQmCC", "base64");
const CSV = "filenames,embedding_0,embedding_1,labels\r\na.jpg,0.1,0.2,0\r\nsub/b.png,0.3,0.4,1\r\n";

export class RecordingServer {
  readonly #server: Server;
  exchanges: Exchange[] = [];
  /** Every request as it arrived: address and headers. */
  raw: { readonly url: string; readonly headers: IncomingMessage["headers"]; readonly bytes: Buffer }[] = [];
  state: State = FULL;
  /** Called first; true when it has answered itself. */
  intercept: ((request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean) | undefined;

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What was asked since the last time. */
  take(): Exchange[] {
    const taken = this.exchanges;
    this.exchanges = [];
    this.raw = [];
    return taken;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away
    }
    const body = Buffer.concat(chunks);
    const url = new URL(request.url!, this.url);
    const path = decodeURI(url.pathname);
    if (path === "/__state") {
      this.state = { ...FULL, ...(JSON.parse(body.toString()) as Partial<State>) };
      response.end();
      return;
    }
    if (path === "/__take") {
      response.end(JSON.stringify(this.take()));
      return;
    }
    const query = Object.fromEntries([...url.searchParams].filter(([name]) => name !== "token"));
    this.exchanges.push({
      method: request.method!,
      path,
      query: steady(query) as Record<string, string>,
      token: url.searchParams.get("token") === TOKEN,
      ...(body.length === 0 ? {} : { body: path.startsWith("/signed/") ? kindOf(body) : steady(JSON.parse(body.toString())) }),
    });
    this.raw.push({ url: request.url!, headers: request.headers, bytes: body });
    if (this.intercept?.(request, response, body)) return;
    const [status, answer] = this.#answer(request.method!, path, url.searchParams);
    if (answer instanceof Buffer) {
      response.writeHead(status, { "content-length": answer.length });
      response.end(answer);
    } else {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    }
  }

  #answer(method: string, path: string, query: URLSearchParams): [status: number, body: unknown] {
    if (path.startsWith("/signed/")) return [200, method === "PUT" ? undefined : path.endsWith(".csv") ? Buffer.from(CSV) : IMAGE];
    const inDataset = /^\/v1\/datasets\/([0-9a-f]{24})(\/.*)?$/.exec(path);
    if (inDataset !== null) return inDataset[1] === id(0) ? [404, refusal("DATASET_UNKNOWN")] : this.#inDataset(method, inDataset[2] ?? "", query);
    switch (`${method} ${path}`) {
      case "GET /v1/versions/pip/minimum":
        return [200, "1.1.0"];
      case "GET /v1/datasets":
        return [200, query.get("shared") === "True" ? [dataset(id(0xd3), "shared one", 1)] : [dataset(DATASET, "the own one", 3), dataset(id(0xd2), "the own one_1", 2)]];
      case "POST /v1/datasets":
        return [201, { id: id(0xd9) }];
      case "GET /v1/quota":
        return [200, "60000"];
      case "GET /v1/docker/worker":
        return [200, [{ id: id(0xe1), name: "Default", workerType: "FULL", state: "IDLE", createdAt: 1, lastModifiedAt: 1, labels: [] }]];
      case "GET /v1/docker/runs":
        return [200, [{ id: id(0xe3), dockerVersion: "1", state: "COMPLETED", createdAt: 1, lastModifiedAt: 1 }]];
      default:
        if (path.startsWith("/v1/jobs/")) {
          return [200, { id: id(0x70), status: "FINISHED", waitTimeTillNextPoll: 1, createdAt: 1, result: { type: "SAMPLING", data: id(0xa2) } }];
        }
        return method === "POST" ? [201, { id: id(0xff) }] : [200, undefined];
    }
  }

  #inDataset(method: string, path: string, query: URLSearchParams): [status: number, body: unknown] {
    const tags = [tag(0xa1, "initial-tag", null, "0x7"), tag(0xa2, "child", id(0xa1), "0x5")];
    const samples = NAMES.map((fileName, ordinal) => ({ id: id(0x51 + ordinal), type: "IMAGE", fileName }));
    const file = (name: string) => `${this.url}/signed/${name}`;
    const page = (name: string) =>
      query.has("cursor") ? { hasMore: false, cursor: "", data: [{ fileName: `${name}2`, readUrl: file("2") }] } : { hasMore: true, cursor: "next page", data: [{ fileName: `${name}1`, readUrl: file("1") }] };
    switch (`${method} ${path.replaceAll(/\/[0-9a-f]{24}(?=\/|$)/g, "/*")}`) {
      case "GET ":
        return [200, dataset(DATASET, "the own one", 3)];
      case "GET /tags":
        return [200, this.state.tags ? tags : []];
      case "GET /tags/*":
        return [200, tags.find((one) => path.endsWith(one.id)) ?? tags[1]];
      case "POST /tags/arithmetics/bitmask":
        return [200, { bitMaskData: "0x2" }];
      case "GET /tags/*/export/LabelStudio/tasks":
        return [200, [{ id: 0, data: { image: "u", lightlyFileName: "a.jpg" } }]];
      case "GET /tags/*/export/LabelBox/datarows":
        return [200, [{ externalId: "a.jpg", imageUrl: "u" }]];
      case "GET /tags/*/export/basic/filenames":
        return [200, NAMES.join("\n")];
      case "GET /samples":
        return [200, this.state.samples ? samples : []];
      case "GET /samples/*/writeurl":
        return [200, file("thumb")];
      case "GET /samples/*/writeurls":
        return [200, { full: file("full"), thumb: file("thumb") }];
      case "GET /samples/*/readurl":
        return [200, file("image.png")];
      case "GET /mappings":
        return [200, query.get("field") === "_id" ? samples.map((sample) => sample.id) : NAMES];
      case "GET /embeddings":
        return [200, this.state.embeddings ? [{ id: id(0xb2), name: "default_20240101", isProcessed: true, createdAt: 9 }] : []];
      case "GET /embeddings/*/readCSVUrl":
        return [200, file("embeddings.csv")];
      case "GET /embeddings/writeCSVUrl":
        return [200, { signedWriteUrl: file("new.csv"), embeddingId: id(0xb3) }];
      case "POST /embeddings/*/sampling":
        return [200, { jobId: "job1" }];
      case "POST /embeddings/*/trigger2dEmbeddingsJob":
        return [200, undefined];
      case "GET /datasource":
        return [404, refusal("DATASET_DATASOURCE_UNKNOWN")];
      case "GET /datasource/list":
        return [200, page("raw")];
      case "GET /datasource/predictions/list":
        return [200, page("prediction")];
      case "GET /datasource/metadata/list":
        return [200, page("metadata")];
      case "GET /datasource/predictions/file":
      case "GET /datasource/metadata/file":
        return [200, file("file.json")];
      case "GET /datasource/processedUntilTimestamp":
        return [200, { processedUntilTimestamp: 41 }];
      case "GET /docker/worker/schedule":
        return [200, [{ id: id(0xe4), datasetId: DATASET, configId: id(0xe5), priority: "MID", state: "OPEN", createdAt: 1, lastModifiedAt: 1, runsOn: [] }]];
      default:
        return method === "POST" ? [201, { id: id(0xff) }] : [200, undefined];
    }
  }
}

/** Answers in place of the server; to be returned from `intercept`. */
export function reply(response: ServerResponse, body = "", status = 200): true {
  response.writeHead(status).end(body);
  return true;
}

function dataset(datasetId: string, name: string, lastModifiedAt: number) {
  return { id: datasetId, name, userId: "u", type: "Images", imgType: "full", nSamples: 3, sizeInBytes: 0, createdAt: 1, lastModifiedAt };
}

function tag(number: number, name: string, prevTagId: string | null, bitMaskData: string) {
  return { id: id(number), datasetId: DATASET, prevTagId, name, bitMaskData, totSize: 3, createdAt: 1 };
}

function refusal(code: string) {
  return { code, message: `no: ${code}`, error: `no: ${code}` };
}

/** What is measured of images, by whichever library, and what depends on the time. */
const MEASURED = new Set(["sharpness", "snr", "mean", "std", "sumOfValues", "sumOfSquares", "sizeInBytes"]);

/** A value without what differs from run to run. */
function steady(value: unknown, key = ""): unknown {
  if (MEASURED.has(key)) return Array.isArray(value) ? `${value.length} numbers` : typeof value;
  if (Array.isArray(value)) return value.map((item) => steady(item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, item]) => [name, steady(item, name)]),
    );
  }
  if (typeof value === "string") {
    const text = value.replace(/\d{8}_\d\dh\d\dm\d\ds/, "<time>").replace(/\d\d_\d\d_\d{4}__\d\d_\d\d_\d\d/, "<time>");
    return key === "to" && Number(text) > 1e9 ? "<now>" : text;
  }
  return key === "processedUntilTimestamp" && Number(value) > 1e9 ? "<now>" : value;
}

function kindOf(bytes: Buffer): string {
  if (bytes.subarray(0, 4).toString("latin1") === "RIFF") return "webp";
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg";
  if (bytes.subarray(1, 4).toString("latin1") === "PNG") return "png";
  return bytes.toString();
}
