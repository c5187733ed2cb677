import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN, id } from "../test/recording-server.ts";
import { ApiError, ApiWorkflowClient, EmbeddingDoesNotExistError, InvalidCustomMetadataWarning, KeyError, RuntimeError, SelectionConfig, TagDoesNotExistError, ValueError, type WinnowWarning } from "./index.ts";

let server: RecordingServer;
let client: ApiWorkflowClient;
let warnings: WinnowWarning[];
beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.intercept = undefined;
  server.state = { tags: true, samples: true, embeddings: true };
  server.take();
  warnings = [];
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: { attempts: 2, pauseMs: 1 }, onWarning: (warning) => warnings.push(warning) });
  client.waitTimeTillNextPoll = 0;
});

/** Lets the answers to an address come from the test. */
function answer(part: string, ...answers: unknown[]): void {
  let turn = 0;
  server.intercept = (request, response) => {
    if (!request.url!.includes(part)) return false;
    const value = answers[Math.min(turn++, answers.length - 1)];
    if (typeof value === "number") response.writeHead(value).end();
    else response.end(JSON.stringify(value));
    return true;
  };
}

describe("datasets", () => {
  it("are found by name or refused", async () => {
    await client.setDatasetIdByName("shared one");
    expect(await client.datasetId).toBe(id(0xd3));
    await expect(client.setDatasetIdByName("nobody's")).rejects.toThrow(ValueError);
  });

  it("are created unless they exist, and a failing server isn't taken for a missing dataset", async () => {
    await client.createDataset("brand new");
    expect(await client.datasetId).toBe(id(0xd9));
    await client.createDataset("the own one");
    expect(await client.datasetId).toBe(DATASET);
    answer("/v1/datasets", 500);
    await expect(client.createDataset("brand new")).rejects.toThrow(ApiError);
    expect(server.exchanges.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("get the next free number", async () => {
    await client.createNewDatasetWithUniqueName("the own one");
    expect(server.exchanges.at(-1)!.body).toEqual({ name: "the own one_2" });
  });

  it("are forgotten when deleted", async () => {
    await client.deleteDatasetById(DATASET);
    await client.datasetId;
    expect(server.exchanges.at(-1)!.path).toBe("/v1/datasets");
  });
});

describe("tags", () => {
  it("that don't exist, or exist already, are refused", async () => {
    await expect(client.getTagByName("nobody's")).rejects.toThrow(TagDoesNotExistError);
    await expect(client.getTagByName("nobody's")).rejects.toThrow(ValueError);
    await expect(client.createTagFromFilenames(["a.jpg"], "child")).rejects.toThrow(RuntimeError);
    server.state = { ...server.state, tags: false };
    await expect(client.createTagFromFilenames(["a.jpg"], "mine")).rejects.toThrow("no initial tag");
  });

  it("are made from names that are on the server", async () => {
    await expect(client.createTagFromFilenames(["a.jpg", "x.jpg", "y.jpg"], "mine")).rejects.toThrow('2 of the file names are not on the server, for example "x.jpg"; names there look like "a.jpg"');
    const tag = await client.createTagFromFilenames(["c.jpg", "c.jpg"], "mine");
    expect(tag).toEqual({ id: id(0xff), datasetId: DATASET, prevTagId: id(0xa1), name: "mine", bitMaskData: "0x4", totSize: 3 });
    expect(await client.getFilenamesInTag(tag)).toEqual(["c.jpg"]);
    await client.createTagFromFilenames([], "nothing");
    expect(server.exchanges.at(-1)!.body).toMatchObject({ bitMaskData: "0x0" });
  });

  it("without parent can't leave it out, and a mask beyond the dataset is told", async () => {
    const tag = await client.getTagByName("initial-tag");
    await expect(client.getFilenamesInTag(tag, { excludeParentTag: true })).rejects.toThrow(ValueError);
    await expect(client.getFilenamesInTag({ ...tag, bitMaskData: "0x9" })).rejects.toThrow(RuntimeError);
  });
});

describe("embeddings", () => {
  const file = async (text: string) => {
    const path = join(await mkdtemp(join(tmpdir(), "winnow-client-")), "embeddings.csv");
    await writeFile(path, text);
    return path;
  };
  const header = "filenames,embedding_0,embedding_1,labels\n";

  it("are found by the beginning of a name, or the whole", async () => {
    expect((await client.getEmbeddingByName("def")).id).toBe(id(0xb2));
    await expect(client.getEmbeddingByName("def", { ignoreSuffix: false })).rejects.toThrow(EmbeddingDoesNotExistError);
    await expect(client.getEmbeddingByName("x")).rejects.toThrow(ValueError);
  });

  it("latest is the newest, wherever it stands in the list", async () => {
    const embedding = (number: number, createdAt: number) => ({ id: id(number), name: "e", isProcessed: true, createdAt });
    for (const list of [[embedding(2, 9), embedding(1, 3)], [embedding(1, 3), embedding(2, 9)], [embedding(2, 9), embedding(1, 3), embedding(2, 9)]]) {
      answer("/embeddings", list);
      await client.setEmbeddingIdToLatest();
      expect(client.embeddingId).toBe(id(2));
    }
    answer("/embeddings", []);
    await expect(client.setEmbeddingIdToLatest()).rejects.toThrow(RuntimeError);
  });

  it("replace the server's rows when appended, and overwrite the local file", async () => {
    const path = await file(`${header}c.jpg,5,6,2\nsub/b.png,7,8,"quoted, label"\nz,1,1,1\nz,2,2,2\n`);
    await client.appendEmbeddings(path, id(0xb2));
    expect(await readFile(path, "utf8")).toBe(`${header}a.jpg,0.1,0.2,0\nsub/b.png,7,8,"quoted, label"\nc.jpg,5,6,2\nz,2,2,2\n`);
  });

  it("leave the local file alone when columns differ or the download breaks", async () => {
    const text = "filenames,embedding_0,labels\nc.jpg,5,6\n";
    const path = await file(text);
    await expect(client.appendEmbeddings(path, id(0xb2))).rejects.toThrow("3 columns and the one on the server has 4");
    answer("/signed/", 500);
    await expect(client.appendEmbeddings(path, id(0xb2))).rejects.toThrow(ApiError);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("are uploaded in the server's order and become the ones to select with", async () => {
    server.state = { ...server.state, embeddings: false };
    const text = `\uFEFF${header}c.jpg,5,6,2\r\nsub/b.png,7,8,1\r\na.jpg,1e-9,-0.10,0`;
    const path = await file(text);
    await client.uploadEmbeddings(path, "mine");
    expect(server.exchanges.find(({ method }) => method === "PUT")!.body).toBe(`${header}a.jpg,1e-9,-0.10,0\nsub/b.png,7,8,1\nc.jpg,5,6,2\n`);
    expect(client.embeddingId).toBe(id(0xb3));
    expect(await readFile(path, "utf8")).toBe(text);
    expect(server.raw.find(({ bytes }) => bytes.toString().startsWith("filenames"))!.headers["content-length"]).toBeDefined();
  });

  it("lose columns that belong to no embedding, in the file too", async () => {
    server.state = { ...server.state, embeddings: false };
    const path = await file('filenames,embedding_0,masked,labels,note\nc.jpg,5,0,2,"a, b"\nsub/b.png,7,1,1,\na.jpg,1,0,0,x\n');
    await client.uploadEmbeddings(path, "mine");
    expect(await readFile(path, "utf8")).toBe("filenames,embedding_0,labels\nc.jpg,5,2\nsub/b.png,7,1\na.jpg,1,0\n");
  });

  it("are refused before anything is sent", async () => {
    server.state = { ...server.state, embeddings: false };
    for (const [text, error, message] of [
      ["", RuntimeError, "is empty"],
      ["names,embedding_0,labels\n", RuntimeError, "first column"],
      ["filenames,embedding_0\n", RuntimeError, "no column `labels`"],
      ["filenames, embedding_0,labels\n", RuntimeError, "blanks"],
      [`${header}a.jpg,1,2,0\n\nc.jpg,1,2,0\n`, RuntimeError, "line 3"],
      [`${header}a.jpg,1,2,0\n`, ValueError, '1 rows, but there are 3 samples on the server; "sub/b.png" has none'],
      [`${header}a.jpg,1,2,0\na.jpg,1,2,0\nc.jpg,1,2,0\n`, ValueError, '"a.jpg" has several'],
      [`${header}a.jpg,1,2,0\nx.jpg,1,2,0\nc.jpg,1,2,0\n`, ValueError, 'the server has no "x.jpg"'],
    ] as const) {
      const rejection = expect(client.uploadEmbeddings(await file(text), "mine")).rejects;
      await rejection.toThrow(error);
      await expect(client.uploadEmbeddings(await file(text), "mine")).rejects.toThrow(message);
    }
    answer("/mappings", ["a,1.jpg"]);
    await expect(client.uploadEmbeddings(await file(`${header}"a,1.jpg",1,2,0\n`), "mine")).rejects.toThrow("no comma");
    answer("/mappings", ["a"], ["a", "b"]);
    await expect(client.uploadEmbeddings(await file(`${header}a,1,2,0\n`), "mine")).rejects.toThrow("changed");
    expect(server.exchanges.some(({ method }) => method === "PUT")).toBe(false);
  });

  it("of many rows in any order are sent in order", async () => {
    server.state = { ...server.state, embeddings: false };
    const names = Array.from({ length: 5000 }, (_, at) => `folder/${at}.jpg`);
    answer("/mappings", names);
    const row = (name: string) => `${name},${name.length / 7},${"0".repeat(100)}1,0\n`;
    const shuffled = names.map((name, at) => [(at * 7919) % 5003, name] as const).sort(([a], [b]) => a - b);
    await client.uploadEmbeddings(await file(header + shuffled.map(([, name]) => row(name)).join("")), "mine");
    expect(server.exchanges.find(({ method }) => method === "PUT")!.body).toBe(header + names.map(row).join(""));
  });
});

describe("a selection", () => {
  const job = (facts: object) => ({ id: id(1), status: "RUNNING", waitTimeTillNextPoll: 0, createdAt: 1, ...facts });

  it("waits for its job, tells how far it is, and gives the tag", async () => {
    const states: string[] = [];
    answer("/jobs/", job({ status: "WAITING" }), 500, job({}), job({ status: "UNKNOWN" }), job({ status: "FINISHED", result: { type: "SAMPLING", data: id(0xa2) } }));
    const tag = await client.selection(new SelectionConfig({ name: "mine" }), { onProgress: ({ status }) => states.push(status) });
    expect(tag.name).toBe("child");
    expect(states).toEqual(["WAITING", "RUNNING", "UNKNOWN", "FINISHED"]);
  });

  it("says why it failed", async () => {
    const run = () => client.selection(new SelectionConfig({ name: "mine" }));
    answer("/jobs/", job({ status: "FAILED", error: "too few samples" }));
    await expect(run()).rejects.toThrow("too few samples");
    answer("/jobs/", job({ status: "FINISHED", result: { type: "SAMPLING", data: null } }));
    await expect(run()).rejects.toThrow(RuntimeError);
    await expect(client.selection(new SelectionConfig({ name: "child" }))).rejects.toThrow("already");
    server.state = { ...server.state, tags: false };
    await expect(run()).rejects.toThrow("no initial tag");
  });

  it("is given up after twenty failed polls, and stops when cancelled", async () => {
    answer("/jobs/", 500);
    await expect(client.selection(new SelectionConfig({ name: "mine" }))).rejects.toThrow(ApiError);
    expect(server.exchanges.filter(({ path }) => path.startsWith("/v1/jobs"))).toHaveLength(20);
    answer("/jobs/", job({}));
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(client.selection(new SelectionConfig({ name: "mine" }), { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("has the defaults of the Python class", () => {
    expect(new SelectionConfig()).toMatchObject({ method: "CORESET", nSamples: 32, minDistance: -1, name: expect.stringMatching(/^CORESET_32_-1_\d\d_\d\d_\d{4}__\d\d_\d\d_\d\d$/) });
    expect(new SelectionConfig({ method: "RANDOM", nSamples: 10, minDistance: 0.1 }).name).toMatch(/^RANDOM_10_0\.1_/);
  });

  it("sends type of score and seed when they are given", async () => {
    await client.selection(new SelectionConfig({ name: "mine", scoreType: "s", seed: 7 }));
    // The request that the test before gave up may arrive only now.
    expect(server.exchanges.filter(({ path }) => path.endsWith("/sampling")).map(({ body }) => body)).toContainEqual(expect.objectContaining({ scoreType: "s", seed: 7 }));
  });

  it("by strategies is checked before anything is sent", async () => {
    await expect(client.selectByStrategies({ nSamples: 2, strategies: [{ input: { type: "EMBEDDING" }, strategy: { type: "DIVERSITY" } }] })).rejects.toThrow(/selection\.strategies\[0\]\.input\.type: there is no EMBEDDING here; did you mean EMBEDDINGS\?/);
    await expect(client.selectByStrategies({ strategies: [] })).rejects.toThrow(ValueError);
    expect(server.exchanges).toEqual([]);
  });

  it("takes finite scores only", async () => {
    await expect(client.uploadScores({ ok: [1], bad: [1, NaN] })).rejects.toThrow("score 1 of bad is NaN");
    expect(server.exchanges).toEqual([]);
  });
});

describe("custom metadata", () => {
  const data = { images: [{ file_name: "a.jpg", id: 0 }, { file_name: "x.jpg", id: 1 }, { file_name: "c.jpg", id: 2 }], metadata: [{ image_id: 0, n: 1 }, { image_id: 0, n: 2 }, { image_id: 1 }, { image_id: 5 }] };

  it("must have its two keys", async () => {
    expect(() => client.verifyCustomMetadataFormat({ images: [] })).toThrow(KeyError);
    expect(() => client.verifyCustomMetadataFormat({ metadata: [] })).toThrow("`images`; it has metadata");
    await expect(client.uploadCustomMetadata({ images: [] } as never)).rejects.toThrow(KeyError);
    expect(server.exchanges).toEqual([]);
  });

  it("is indexed by file name", () => {
    expect([...client.indexCustomMetadataByFilename(data)]).toEqual([["a.jpg", { image_id: 0, n: 2 }], ["x.jpg", { image_id: 1 }], ["c.jpg", null]]);
  });

  it("warns of rows without image or sample, and stores the others", async () => {
    const progress: number[] = [];
    await client.uploadCustomMetadata(data, { onProgress: ({ done, total }) => progress.push(done, total!) });
    expect(warnings.map((warning) => [warning instanceof InvalidCustomMetadataWarning, warning.message])).toEqual([
      [true, expect.stringContaining('"x.jpg"')],
      [true, expect.stringContaining("id 5")],
    ]);
    expect(server.exchanges.filter(({ method }) => method === "PUT").map(({ body }) => body)).toEqual([{ customMetaData: { image_id: 0, n: 1 } }, { customMetaData: { image_id: 0, n: 2 } }]);
    expect(progress).toEqual([1, 2, 2, 2]);
  });

  it("that the server refuses is an error", async () => {
    answer("/samples/", 400);
    await expect(client.uploadCustomMetadata(data)).rejects.toThrow(ApiError);
  });
});

it("what the server doesn't do yet is an ApiError", async () => {
  answer("/v1/", 501);
  server.intercept = ((then) => (request, response, body) => !request.url!.includes("/versions/") && then!(request, response, body))(server.intercept);
  for (const run of [() => client.getDatasource(), () => client.setLocalConfig("http://x"), () => client.registerComputeWorker(), () => client.scheduleComputeWorkerRun(), () => client.downloadNewRawSamples()]) {
    await expect(run()).rejects.toMatchObject({ name: "ApiError", status: 501 });
  }
});
