import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN, id, reply } from "../test/recording-server.ts";
import { ApiWorkflowClient, ConnectionError, KeyError, type UploadFile, ValueError, type WinnowWarning } from "./index.ts";

let server: RecordingServer;
let client: ApiWorkflowClient;
let warnings: WinnowWarning[];
let folder: string;
let jpeg: Buffer;
beforeAll(async () => {
  server = await new RecordingServer().start();
  folder = await mkdtemp(join(tmpdir(), "winnow-client-"));
  jpeg = await sharp({ create: { width: 60, height: 40, channels: 3, background: "#338844" } })
    .jpeg()
    .withExif({ IFD0: { Make: "camera" } })
    .toBuffer();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  server.intercept = undefined;
  server.state = { tags: false, samples: false, embeddings: true };
  server.take();
  warnings = [];
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: { attempts: 1 },
    patience: { pauseMs: 5 }, onWarning: (warning) => warnings.push(warning) });
});
const sampleBodies = () => server.exchanges.filter(({ method, path }) => method === "POST" && path.endsWith("/samples")).map(({ body }) => body as Record<string, never>);

describe("uploadDataset", () => {
  it("takes files that are made when their turn comes, and those that the server has are never made", async () => {
    const made: string[] = [];
    const file = (fileName: string): UploadFile => ({ fileName, read: async () => (made.push(fileName), jpeg) });
    server.intercept = (request, response) => {
      if (request.method !== "GET" || !/\/samples\?/.test(request.url!)) return false;
      response.end(JSON.stringify([{ id: id(0x200), fileName: "known.jpg" }]));
      return true;
    };
    expect(await client.uploadDataset([file("known.jpg"), file("new.jpg")], { mode: "full" })).toMatchObject({ uploaded: 1, skipped: 1, failedCount: 0 });
    expect(made).toEqual(["new.jpg"]);
    expect(sampleBodies()).toMatchObject([{ fileName: "new.jpg", metaData: { shape: [40, 60, 3] } }]);
  });

  it("takes a folder with its sub-folders, and never stops at a broken image", async () => {
    const images = join(folder, "mixed");
    await mkdir(join(images, "deep/er"), { recursive: true });
    await writeFile(join(images, "good.jpg"), jpeg);
    await writeFile(join(images, "deep/er/good.JPEG"), jpeg);
    await writeFile(join(images, "broken.png"), "no image");
    await writeFile(join(images, "empty.jpg"), "");
    await writeFile(join(images, "with,comma.jpg"), jpeg);
    await writeFile(join(images, "notes.txt"), "not an image");
    await symlink("nowhere", join(images, "gone.jpg"));
    const progress: string[] = [];
    const summary = await client.uploadDataset(images, { mode: "full", onProgress: ({ done, total }) => progress.push(`${done}/${total}`) });
    expect(summary).toEqual({
      total: 5,
      uploaded: 5,
      skipped: 0,
      repaired: 0,
      failed: [],
      failedCount: 0,
      corrupted: expect.arrayContaining([
        { fileName: "broken.png", reason: expect.any(String) },
        { fileName: "empty.jpg", reason: "the file is empty" },
      ]),
      corruptedCount: 2,
    });
    expect(progress).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);
    const bodies = sampleBodies();
    expect(bodies.map(({ fileName }) => fileName).sort()).toEqual(["broken.png", "deep/er/good.JPEG", "empty.jpg", "good.jpg", "with,comma.jpg"]);
    expect(bodies.find(({ fileName }) => fileName === "broken.png")).toMatchObject({ metaData: { is_corrupted: true } });
    expect(bodies.find(({ fileName }) => fileName === "broken.png")).not.toHaveProperty("thumbName");
    expect(bodies.find(({ fileName }) => fileName === "good.jpg")).toMatchObject({ thumbName: "good_thumb.webp", exif: { Make: "camera" }, metaData: { shape: [40, 60, 3] } });
    // Three whole images, each with thumbnail and file; the broken ones have neither.
    const files = server.exchanges.filter(({ method, path }) => method === "PUT" && path.startsWith("/signed/"));
    expect(files.map(({ path, body }) => `${path} ${String(body)}`).sort()).toEqual([...Array(3).fill("/signed/full jpeg"), ...Array(3).fill("/signed/thumb webp")]);
    expect(server.raw.filter(({ url }) => url.startsWith("/signed/full")).every(({ bytes }) => bytes.equals(jpeg))).toBe(true);
    expect(server.exchanges.at(-1)).toMatchObject({ path: expect.stringContaining("/tags/initial"), body: { imgType: "full" } });
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining('"with,comma.jpg"')]);
  });

  it("takes a list of paths and files, and skips what the server has", async () => {
    server.state = { tags: true, samples: true, embeddings: true };
    await writeFile(join(folder, "n.jpg"), jpeg);
    const files: (string | UploadFile)[] = [join(folder, "n.jpg"), { fileName: "a.jpg", bytes: jpeg }, { fileName: "new/name.jpg", path: join(folder, "n.jpg") }, { fileName: "bytes", bytes: jpeg }];
    const summary = await client.uploadDataset(files, { root: folder, maxWorkers: 1 });
    expect(summary).toMatchObject({ total: 4, uploaded: 3, skipped: 1 });
    expect(sampleBodies().map(({ fileName, thumbName }) => [fileName, thumbName])).toEqual([
      ["n.jpg", "n_thumb.webp"],
      ["new/name.jpg", "new/name_thumb.webp"],
      ["bytes", "_thumb.webp"],
    ]);
    expect(server.exchanges.find(({ path }) => path.endsWith("/registerDatasetUpload"))!.body).toMatchObject({ total: 6, processed: 3 });
    expect(server.exchanges.at(-1)!.path).toMatch(/upsize$/);
    server.take();
    await client.uploadDataset([join(folder, "n.jpg")]);
    expect(sampleBodies()[0]).toMatchObject({ fileName: "n.jpg" });
    await expect(client.uploadDataset(["/elsewhere/x.jpg"], { root: folder })).rejects.toThrow(ValueError);
  });

  it("takes an iterable, a few files at a time", async () => {
    let [open, most, given] = [0, 0, 0];
    server.intercept = (request, response) => {
      if (request.method !== "POST" || !request.url!.includes("/samples?")) return false;
      open++;
      most = Math.max(most, open);
      setTimeout(() => {
        open--;
        response.writeHead(201).end(JSON.stringify({ id: id(1) }));
      }, 5);
      return true;
    };
    let ahead = 0;
    async function* files() {
      for (let at = 0; at < 30; at++) {
        ahead = Math.max(ahead, ++given - (server.exchanges.filter(({ method }) => method === "POST").length));
        yield { fileName: `${at}.jpg`, bytes: jpeg };
      }
    }
    const totals = new Set<number | undefined>();
    const summary = await client.uploadDataset(files(), { maxWorkers: 3, mode: "metadata", total: 30, onProgress: ({ total }) => totals.add(total) });
    expect(summary).toMatchObject({ total: 30, uploaded: 30 });
    expect(most).toBeLessThanOrEqual(3);
    expect(ahead).toBeLessThanOrEqual(4);
    expect([...totals]).toEqual([30]);
  });

  it("says which files failed and why, and goes on", async () => {
    server.intercept = (request, response, body) => {
      if (request.method === "POST" && body.toString().includes("refused.jpg")) response.writeHead(400).end(JSON.stringify({ code: "BAD_REQUEST", message: "no such name" }));
      else if (request.method === "GET" && request.url!.includes("/writeurl")) response.writeHead(404).end();
      else return false;
      return true;
    };
    const summary = await client.uploadDataset(
      [{ fileName: "refused.jpg", bytes: jpeg }, { fileName: "missing.jpg", path: join(folder, "missing.jpg") }, { fileName: `${"x".repeat(252)}.jpg`, bytes: jpeg }, { fileName: "nowrite.jpg", bytes: jpeg }],
      { maxWorkers: 1 },
    );
    expect(summary).toMatchObject({ total: 4, uploaded: 0, failedCount: 4 });
    expect(summary.failed).toEqual([
      { fileName: "refused.jpg", reason: expect.stringContaining("no such name") },
      { fileName: "missing.jpg", reason: expect.stringContaining("ENOENT") },
      { fileName: `${"x".repeat(252)}.jpg`, reason: "the name has 256 characters; at most 255 are allowed" },
      { fileName: "nowrite.jpg", reason: expect.stringContaining("404") },
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("at most 255"), expect.stringContaining("4 of 4 files were not uploaded")]);
    expect(server.exchanges.at(-1)!.path).toMatch(/initial$/);
  });

  it("repeats what a busy server refused, and finds the sample whose answer was lost", async () => {
    let [posts, puts] = [0, 0];
    server.intercept = (request, response) => {
      if (request.method === "POST" && request.url!.includes("/samples?")) {
        posts++;
        if (posts === 1) response.destroy();
        else response.writeHead(409).end(JSON.stringify({ code: "CREATION_FAILED", message: "exists" }));
        return true;
      }
      if (request.method === "GET" && request.url!.includes("fileName=a.jpg")) {
        response.end(JSON.stringify([{ id: id(0x99), type: "IMAGE", fileName: "a.jpg" }]));
        return true;
      }
      if (request.method === "PUT" && request.url!.startsWith("/signed/") && ++puts === 1) {
        response.writeHead(503, { "retry-after": "0" }).end();
        return true;
      }
      return false;
    };
    const summary = await client.uploadDataset([{ fileName: "a.jpg", bytes: jpeg }]);
    expect(summary).toMatchObject({ uploaded: 1, failedCount: 0 });
    expect([posts, puts]).toEqual([2, 2]);
    expect(server.exchanges.some(({ path }) => path.endsWith(`/samples/${id(0x99)}/writeurl`))).toBe(true);
  });

  it("sends what an Azure container wants to see", async () => {
    server.intercept = (request, response) => request.url!.includes("/datasource") && reply(response, JSON.stringify({ type: "AZURE" }));
    await client.uploadDataset([{ fileName: "a.jpg", bytes: jpeg }]);
    const { headers, bytes } = server.raw.find(({ url }) => url.startsWith("/signed/"))!;
    expect(headers).toMatchObject({ "x-ms-blob-type": "BlockBlob", "x-ms-original-content-length": String(bytes.length), "content-length": String(bytes.length) });
  });

  it("registers many at once where the server lists that, and else one by one", async () => {
    const files = Array.from({ length: 250 }, (_, at) => ({ fileName: `${at}.jpg`, bytes: at === 7 ? Buffer.from("broken") : jpeg }));
    let listed = true;
    server.intercept = (request, response, body) => {
      if (request.url === "/openapi.json") response.writeHead(listed ? 200 : 404).end(JSON.stringify({ paths: { "/v1/datasets/{datasetId}/samples/bulk": { post: { operationId: "create_samples_by_dataset_id" } } } }));
      else if (request.url!.includes("/bulk")) {
        const { samples } = JSON.parse(body.toString()) as { samples: unknown[] };
        response.writeHead(201).end(JSON.stringify({ ids: samples.map((_, at) => id(at + 1)), created: samples.length }));
      } else return false;
      return true;
    };
    const summary = await client.uploadDataset(files, { registration: "bulk", mode: "metadata" });
    expect(summary).toMatchObject({ total: 250, uploaded: 250, corruptedCount: 1 });
    const bulk = server.exchanges.filter(({ path }) => path.endsWith("/bulk"));
    expect(bulk.map(({ body }) => (body as { samples: unknown[] }).samples.length).sort()).toEqual([100, 100, 50]);
    expect(sampleBodies()).toEqual([]);
    listed = false;
    server.take();
    const other = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET });
    await other.uploadDataset(files.slice(0, 3), { registration: "bulk", mode: "metadata" });
    expect(sampleBodies()).toHaveLength(3);
  });

  it("gives up when the server is gone", async () => {
    let gone = false;
    const lost = new ApiWorkflowClient({
      token: TOKEN,
      serverUrl: server.url,
      datasetId: DATASET,
      retry: { attempts: 1 },
    patience: { pauseMs: 5 },
      onWarning: () => undefined,
      fetch: (input, init) => {
        if (init?.method === "POST") gone = true;
        return gone ? Promise.reject(new TypeError("fetch failed")) : fetch(input, init);
      },
    });
    const files = Array.from({ length: 500 }, (_, at) => ({ fileName: `${at}.jpg`, bytes: jpeg }));
    await expect(lost.uploadDataset(files, { maxWorkers: 16, mode: "metadata" })).rejects.toThrow(ConnectionError);
  });

  it("refuses what it can't do before it sends anything", async () => {
    await expect(client.uploadDataset(join(folder, "nowhere"))).rejects.toThrow(ValueError);
    await expect(client.uploadDataset(7 as never)).rejects.toThrow(ValueError);
    await expect(client.uploadDataset([], { mode: "other" as never })).rejects.toThrow("thumbnails, full or metadata");
    await expect(client.uploadDataset([], { maxWorkers: 0 })).rejects.toThrow(ValueError);
    await expect(client.uploadDataset([], { customMetadata: {} as never })).rejects.toThrow(KeyError);
    server.intercept = (request, response) => request.url!.includes("/quota") && reply(response, "2");
    await expect(client.uploadDataset(["a", "b", "c"])).rejects.toThrow("would have 3 samples; the server takes at most 2");
    await expect(
      client.uploadDataset(
        (async function* () {
          for (const fileName of ["a", "b", "c"]) yield { fileName, bytes: jpeg };
        })(),
      ),
    ).rejects.toThrow("at most 2");
    expect(server.exchanges.some(({ path }) => path.endsWith("/tags/initial"))).toBe(false);
  });

  it("tells the tags when another upload has made the first one meanwhile", async () => {
    server.intercept = (request, response) => request.url!.includes("/tags/initial") && reply(response, JSON.stringify({ code: "TAG_INITIAL_EXISTS", message: "exists" }), 409);
    expect(await client.uploadDataset([{ fileName: "a.jpg", bytes: jpeg }])).toMatchObject({ uploaded: 1 });
    expect(server.exchanges.at(-1)!.path).toMatch(/upsize$/);
  });

  it("sends pictures that an earlier upload left out, when asked to", async () => {
    server.state = { tags: true, samples: true, embeddings: true };
    const has = new Set([id(0x51)]);
    server.intercept = (request, response) => {
      const sample = /samples\/(\w+)\/readurl/.exec(request.url!)?.[1];
      return sample !== undefined && !has.has(sample) && reply(response, JSON.stringify({ code: "NOT_FOUND", message: "no picture" }), 404);
    };
    const files = [
      { fileName: "a.jpg", bytes: jpeg },
      { fileName: "sub/b.png", bytes: jpeg },
      { fileName: "c.jpg", bytes: Buffer.from("broken") },
      { fileName: "new.jpg", bytes: jpeg },
    ];
    for (const registration of ["single", "bulk"] as const) {
      server.take();
      expect(await client.uploadDataset(files, { repair: true, registration, maxWorkers: 1 })).toMatchObject({ total: 4, uploaded: 1, skipped: 2, repaired: 1, failedCount: 0 });
      expect(server.exchanges.filter(({ path }) => path.endsWith("/writeurl")).map(({ path }) => path.split("/").at(-2))).toEqual([id(0x52), id(0xff)]);
      expect(sampleBodies().map(({ fileName }) => fileName)).toEqual(["new.jpg"]);
    }
  });

  it("stops when cancelled, without making a tag; the next one goes on", async () => {
    const stop = new AbortController();
    const files = Array.from({ length: 50 }, (_, at) => ({ fileName: `${at}.jpg`, bytes: jpeg }));
    const upload = client.uploadDataset(files, { signal: stop.signal, maxWorkers: 2, mode: "metadata", onProgress: ({ done }) => done === 5 && stop.abort(new Error("enough")) });
    await expect(upload).rejects.toThrow("enough");
    expect(sampleBodies().length).toBeLessThan(10);
    expect(server.exchanges.some(({ path }) => path.includes("/tags/"))).toBe(false);
  });

  it("stores custom metadata with the images it is for", async () => {
    await client.uploadDataset([{ fileName: "a.jpg", bytes: jpeg }, { fileName: "b.jpg", bytes: jpeg }], {
      maxWorkers: 1,
      customMetadata: { images: [{ id: 1, file_name: "a.jpg" }, { id: 2, file_name: "b.jpg" }], metadata: [{ image_id: 1, weather: "fog" }] },
    });
    expect(sampleBodies().filter(({ fileName }) => /^[ab]\./.test(fileName)).map(({ customMetaData }) => customMetaData)).toEqual([{ image_id: 1, weather: "fog" }, undefined]);
  });
});
