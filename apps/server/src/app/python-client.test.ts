/** What the Python client of the 1.2 line exchanges with the server, call by call. */
import type { DatasetData, DatasetEmbeddingData, JobStatusData, SampleData, TagData } from "@winnow/contract";
import { Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { PythonApiError, PythonClient, PythonFloat, dumps } from "../testing/python-client.ts";
import { embeddingsCsv, ordinalsOf } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const dataset = "/v1/datasets/{dataset_id}";
const images = ["cats/1.jpg", "cats/2 with blank.jpg", "dogs/ü.jpg", "dogs/4.jpg", "5.jpg"];
const thumbName = (name: string) => `${name.slice(0, name.lastIndexOf("."))}_thumb.webp`;

describeServer("The Python client", (server) => {
  const client = new PythonClient(server);
  let datasetId = "";
  const call = <Body = unknown>(method: string, path: string, request: { path?: Record<string, string>; query?: Record<string, string | number | boolean>; body?: unknown } = {}) =>
    client.call<Body>(method, dataset + path, { ...request, path: { dataset_id: datasetId, ...request.path } });

  /** The steps of an upload, for names that the server may have already. */
  async function upload(names: readonly string[], mode: "full" | "thumbnails" | "metadata" = "full"): Promise<void> {
    const tags = await call<TagData[]>("GET", "/tags");
    const known = new Set((await call<SampleData[]>("GET", "/samples")).map((sample) => sample.fileName));
    const quota = Number.parseInt(await client.call<string>("GET", "/v1/quota"), 10);
    expect(quota).toBeGreaterThan(60_000);
    // "No datasource" is an error status, never null.
    await expect(call("GET", "/datasource")).rejects.toThrow(PythonApiError);
    const union = new Set([...known, ...names]);
    await call("PUT", "/registerDatasetUpload", { body: { total: union.size, processed: known.size, uploadMethod: "USER_PIP", isRegistered: true } });
    await Promise.all(
      names.filter((name) => !known.has(name)).map(async (fileName, i) => {
        const metaData = { sharpness: 1.5, snr: new PythonFloat("NaN"), mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1], sumOfSquares: [1, 1, 1], sumOfValues: [1, 1, 1], shape: [8, 8, 3], sizeInBytes: 11, is_corrupted: false };
        const { id } = await call<{ id: string }>("POST", "/samples", {
          body: { fileName, thumbName: mode === "metadata" ? undefined : thumbName(fileName), metaData, exif: { Make: "Camera \u00fc", Orientation: null }, customMetaData: { file_name: fileName, weight: i, image_id: i } },
        });
        if (mode === "thumbnails") {
          const url = await call<string>("GET", "/samples/{sample_id}/writeurl", { path: { sample_id: id }, query: { isThumbnail: true } });
          expect(await client.put(url, `thumb ${fileName}`)).toBe(200);
        } else if (mode === "full") {
          const urls = await call<{ full: string; thumb: string }>("GET", "/samples/{sample_id}/writeurls", { path: { sample_id: id } });
          expect(await client.put(urls.thumb, `thumb ${fileName}`)).toBe(200);
          expect(await client.put(urls.full, `image ${fileName}`)).toBe(200);
        }
      }),
    );
    if (tags.length === 0) await call("POST", "/tags/initial", { body: { imgType: { full: "full", thumbnails: "thumbnail", metadata: "meta" }[mode], creator: "USER_PIP" } });
    else await call("POST", "/tags/upsize", { body: { upsizeTagName: `20260101_10h00m0${tags.length}s`, upsizeTagCreator: "USER_PIP" } });
  }

  const mappings = (field: string) => call<string[]>("GET", "/mappings", { query: { field } });

  async function uploadEmbeddings(name: string, rows: string): Promise<string> {
    const { signedWriteUrl, embeddingId } = await call<{ signedWriteUrl: string; embeddingId: string }>("GET", "/embeddings/writeCSVUrl", { query: { name } });
    expect(await client.put(signedWriteUrl, rows)).toBe(200);
    for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"]) await call("POST", "/embeddings/{embedding_id}/trigger2dEmbeddingsJob", { path: { embedding_id: embeddingId }, body: { dimensionalityReductionMethod } });
    return embeddingId;
  }

  async function select(request: object, embeddingId: string): Promise<TagData> {
    const [first] = await call<TagData[]>("GET", "/tags");
    const { jobId } = await call<{ jobId: string }>("POST", "/embeddings/{embedding_id}/sampling", { path: { embedding_id: embeddingId }, body: { ...request, rowCount: first!.totSize } });
    for (;;) {
      const job = await client.call<JobStatusData>("GET", "/v1/jobs/{job_id}", { path: { job_id: jobId } });
      expect(Math.trunc(job.waitTimeTillNextPoll)).toBeGreaterThanOrEqual(1);
      if (job.status === "FAILED") throw new Error(job.error);
      if (job.status === "FINISHED") return call<TagData>("GET", "/tags/{tag_id}", { path: { tag_id: job.result!.data as string } });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  beforeAll(async () => {
    const { id } = await client.call<{ id: string }>("POST", "/v1/datasets", { body: { name: "clothing dataset 1", type: "Images" } });
    datasetId = id;
    await upload(images);
  });

  test("its way to write JSON", () => {
    expect(dumps({ a: [1, new PythonFloat("NaN"), "ü猫"], b: null, c: true })).toBe(String.raw`{"a": [1, NaN, "\u00fc\u732b"], "b": null, "c": true}`);
  });

  test("start: versions come without a token, and are three numbers", async () => {
    for (const [path, query] of [["latest", { currentVersion: "1.2.24" }], ["minimum", {}]] as const) {
      expect(await client.call<string>("GET", `/v1/versions/pip/${path}`, { token: null, query })).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  test("datasets: lists by True and False, the newest by change, look-up by name and id", async () => {
    const own = await client.call<DatasetData[]>("GET", "/v1/datasets", { query: { shared: false } });
    expect(await client.call("GET", "/v1/datasets", { query: { shared: true } })).toEqual([]);
    expect(own.toSorted((a, b) => b.lastModifiedAt - a.lastModifiedAt)[0]!.id).toBe(datasetId);
    expect(await client.call("GET", dataset, { path: { dataset_id: datasetId } })).toMatchObject({ name: "clothing dataset 1", imgType: "full", nSamples: 5 });
    for (const id of ["a/b c", "unknown", "../datasets", "ü?x=1#y"]) await expect(client.call("GET", dataset, { path: { dataset_id: id } })).rejects.toMatchObject({ status: 404 });
    await expect(client.call("POST", "/v1/datasets", { body: { name: "clothing dataset 1", type: "Images" } })).rejects.toMatchObject({ status: 409 });
  });

  test("an address with a slash at its end gives two in the path", async () => {
    const doubled = new PythonClient(server, { prefix: "/" });
    expect(await doubled.call("GET", "/v1/quota")).toBe(await client.call("GET", "/v1/quota"));
    expect(await doubled.call("POST", "/v1/datasets", { body: { name: "by two slashes" } })).toMatchObject({ id: expect.any(String) });
  });

  test("the upload: both mappings agree, metadata arrived, images are read without token", async () => {
    const [names, ids] = [await mappings("fileName"), await mappings("_id")];
    expect(names.toSorted()).toEqual(images.toSorted());
    for (const [i, id] of ids.entries()) {
      const sample = await call<SampleData>("GET", "/samples/{sample_id}", { path: { sample_id: id } });
      expect(sample).toMatchObject({ fileName: names[i], thumbName: thumbName(names[i]!), type: "IMAGE", metaData: { snr: null, is_corrupted: false, sharpness: 1.5 }, exif: { Make: "Camera ü", Orientation: null }, customMetaData: { file_name: names[i] } });
      const url = await call<string>("GET", "/samples/{sample_id}/readurl", { path: { sample_id: id }, query: { type: "full" } });
      expect((await client.urlopen(url)).toString()).toBe(`image ${names[i]}`);
    }
    const [initial] = await call<TagData[]>("GET", "/tags");
    expect(initial).toMatchObject({ name: "initial-tag", prevTagId: null, totSize: 5 });
    expect(ordinalsOf(initial!.bitMaskData)).toEqual([0, 1, 2, 3, 4]);
  });

  test("a retried PUT of a file that was read to its end is empty and chunked: refused, and the image stays", async () => {
    const [id] = await mappings("_id");
    const { full } = await call<{ full: string }>("GET", "/samples/{sample_id}/writeurls", { path: { sample_id: id! } });
    const before = await client.urlopen(await call<string>("GET", "/samples/{sample_id}/readurl", { path: { sample_id: id! }, query: { type: "full" } }));
    const reply = await server.open(full, { method: "PUT", raw: Readable.from([]), headers: { "transfer-encoding": "chunked", accept: "*/*" } });
    expect(reply.status).toBe(400);
    // With a datasource of Azure other headers come along.
    expect(await client.put(full, before, { "x-ms-blob-type": "BlockBlob", "x-ms-original-content-length": String(before.length), "accept-encoding": "*" })).toBe(200);
  });

  test("a tag by file names, its files without the parent's, and its end by DELETE with a body", async () => {
    const names = await mappings("fileName");
    const [initial] = await call<TagData[]>("GET", "/tags");
    const bits = names.reduce((mask, name, i) => (name.startsWith("cats/") ? mask | (1n << BigInt(i)) : mask), 0n);
    const { id } = await call<{ id: string }>("POST", "/tags", { body: { name: "cats 0.5:a=b@c_d-e;f", prevTagId: initial!.id, bitMaskData: `0x${bits.toString(16)}`, totSize: names.length } });
    const tag = await call<TagData>("GET", "/tags/{tag_id}", { path: { tag_id: id } });
    expect(ordinalsOf(tag.bitMaskData).map((i) => names[i]).toSorted()).toEqual(images.slice(0, 2));
    const { bitMaskData } = await call<{ bitMaskData: string }>("POST", "/tags/arithmetics/bitmask", { body: { tagId1: initial!.id, tagId2: id, operation: "DIFFERENCE" } });
    expect(ordinalsOf(bitMaskData).map((i) => names[i]).toSorted()).toEqual(images.slice(2).toSorted());
    await expect(call("DELETE", "/tags/{tag_id}", { path: { tag_id: initial!.id } })).rejects.toMatchObject({ status: 409, body: expect.stringContaining("TAG_UNDELETABLE_IS_INITIAL") });
    expect(await call("DELETE", "/tags/{tag_id}", { path: { tag_id: id } })).toBeUndefined();
  });

  test("embeddings, appended and selected on; scores; selection after selection", async () => {
    let names = await mappings("fileName");
    const vectors = (list: readonly string[]) => list.map((name) => [name.length, name.charCodeAt(0), 1.5]);
    const first = await uploadEmbeddings("default", embeddingsCsv(names, vectors(names)));
    const listed = () => call<DatasetEmbeddingData[]>("GET", "/embeddings");
    expect((await listed()).map(({ id }) => id)).toEqual([first]);

    // More images come, and vectors for them: what is stored is read back and sent again with the new rows.
    await upload([...images, "6.jpg", "7.jpg"]);
    names = await mappings("fileName");
    const stored = (await client.urlopen(await call<string>("GET", "/embeddings/{embedding_id}/readCSVUrl", { path: { embedding_id: first } }))).toString();
    expect(stored).toBe(embeddingsCsv(names.slice(0, 5), vectors(names.slice(0, 5))));
    const added = embeddingsCsv(names.slice(5), vectors(names.slice(5))).split("\n").slice(1);
    const second = await uploadEmbeddings("default_20260101_10h00m00s", [stored, ...added].join("\n"));
    // The last entry, and the first one of that prefix, are the newest.
    expect((await listed()).at(-1)!.id).toBe(second);
    expect((await listed()).find(({ name }) => name.startsWith("default"))!.id).toBe(second);

    const coreset = await select({ newTagName: "CORESET_4_-1_01_02_2026__10_00_00", method: "CORESET", config: { stoppingCondition: { nSamples: 4, minDistance: -1 } } }, second);
    expect(ordinalsOf(coreset.bitMaskData)).toHaveLength(4);
    const [initial] = await call<TagData[]>("GET", "/tags");
    expect(coreset.prevTagId).toBe(initial!.id);

    const preselected = await select({ newTagName: "RANDOM_6_-1_01_02_2026__10_00_01", method: "RANDOM", config: { stoppingCondition: { nSamples: 6, minDistance: -1 } }, preselectedTagId: coreset.id }, second);
    for (const ordinal of ordinalsOf(coreset.bitMaskData)) expect(ordinalsOf(preselected.bitMaskData)).toContain(ordinal);
    expect(preselected).toMatchObject({ prevTagId: coreset.id, preselectedTagId: coreset.id });

    const members = ordinalsOf(initial!.bitMaskData);
    for (const [scoreType, sign] of [["uncertainty_least_confidence", 1], ["uncertainty_margin", -1], ["uncertainty_entropy", 1]] as const) {
      await call("POST", "/tags/{tag_id}/scores", { path: { tag_id: initial!.id }, body: { scoreType, scores: members.map((i) => sign * (i + 0.25)) } });
    }
    for (const method of ["ACTIVE_LEARNING", "CORAL"]) {
      const tag = await select({ newTagName: `${method}_2_-1_01_02_2026`, method, config: { stoppingCondition: { nSamples: 2, minDistance: -1 } }, queryTagId: initial!.id }, second);
      expect(ordinalsOf(tag.bitMaskData)).toHaveLength(2);
      if (method === "ACTIVE_LEARNING") expect(ordinalsOf(tag.bitMaskData)).toEqual([0, 1]);
    }
    await expect(call("POST", "/tags/{tag_id}/scores", { path: { tag_id: initial!.id }, body: { scoreType: "x", scores: members.map(() => new PythonFloat("NaN")) } })).rejects.toMatchObject({ status: 400, body: expect.stringContaining("scores[0]") });
  });

  test("exports need no parameter, and come as JSON though text is asked for first", async () => {
    const names = await mappings("fileName");
    const [initial] = await call<TagData[]>("GET", "/tags");
    const path = { tag_id: initial!.id };
    const members = ordinalsOf(initial!.bitMaskData).map((i) => names[i]!);
    expect(await call("GET", "/tags/{tag_id}/export/basic/filenames", { path })).toBe(members.join("\n"));
    const tasks = await call<{ id: number; data: { image: string; lightlyFileName: string } }[]>("GET", "/tags/{tag_id}/export/LabelStudio/tasks", { path });
    expect(tasks.map(({ id, data }) => [id, data.lightlyFileName])).toEqual(members.map((name, i) => [i, name]));
    const rows = await call<{ externalId: string; imageUrl: string }[]>("GET", "/tags/{tag_id}/export/LabelBox/datarows", { path });
    expect((await client.urlopen(rows[2]!.imageUrl)).toString()).toBe(`image ${members[2]}`);
    expect((await client.urlopen(tasks[1]!.data.image)).toString()).toBe(`image ${members[1]}`);
    expect((await call<{ tasks: unknown[] }>("GET", "/tags/{tag_id}/export/Sama/tasks", { path })).tasks).toHaveLength(members.length);
    expect(await call("GET", "/tags/{tag_id}/export/zip", { path })).toMatch(/^http/);
  });

  test("custom metadata: looked up by name, put in, the rest stays; and its configuration", async () => {
    const sample = (await call<SampleData[]>("GET", "/samples")).find(({ fileName }) => fileName === "5.jpg")!;
    await call("PUT", "/samples/{sample_id}", { path: { sample_id: sample.id }, body: { customMetaData: { type: null, image_id: 0, vehicle: { wheels: [4] } } } });
    expect(await call("GET", "/samples/{sample_id}", { path: { sample_id: sample.id } })).toMatchObject({ fileName: "5.jpg", metaData: sample.metaData, customMetaData: { type: null, vehicle: { wheels: [4] } } });
    expect(await call("POST", "/configuration/metadata", { body: { name: "my configuration", configs: [{ name: "Wheels", path: "vehicle.wheels[0]", defaultValue: 0, valueDataType: "NUMERIC_INT" }] } })).toMatchObject({ id: expect.any(String) });
  });

  test("later clients of the line: partial samples, look-up by name, sharing, pages, another agent", async () => {
    const later = new PythonClient(server, { userAgent: "Lightly/1.2.47 (Linux/x86_64) python/3.11" });
    const path = { dataset_id: datasetId };
    expect(await later.call<unknown[]>("GET", `${dataset}/samples/partial`, { path, query: { mode: "fileNames" } })).toHaveLength(7);
    expect(await later.call<DatasetData[]>("GET", "/v1/datasets/query/name/{name}", { path: { name: "clothing dataset 1" }, query: { shared: false, exact: true, pageSize: 5000, pageOffset: 0 } })).toHaveLength(1);
    const second = await server.addUser();
    await later.call("POST", `${dataset}/collaboration/access`, { path, body: { accessType: "WRITE", users: [second.email], creator: "USER_PIP" } });
    expect((await later.call<{ users: string[] }[]>("GET", `${dataset}/collaboration/access`, { path }))[0]!.users).toEqual([second.email]);
    expect(await later.call<DatasetData[]>("GET", "/v1/datasets", { query: { shared: true, pageSize: 5000, pageOffset: 0 }, token: second.token })).toHaveLength(1);
    const [newest, oldest, ...more] = await later.call<DatasetEmbeddingData[]>("GET", `${dataset}/embeddings`, { path });
    expect([newest!.name, oldest!.name, more]).toEqual(["default_20260101_10h00m00s", "default", []]);
    expect(await later.call("GET", `${dataset}/samples`, { path, query: { pageSize: 2500, pageOffset: 2500 } })).toEqual([]);
  });

  test("deleting with a body of {}", async () => {
    const { id } = await client.call<{ id: string }>("POST", "/v1/datasets", { body: { name: "to be deleted" } });
    expect(await client.call("DELETE", dataset, { path: { dataset_id: id } })).toBeUndefined();
    await expect(client.call("GET", dataset, { path: { dataset_id: id } })).rejects.toMatchObject({ status: 404 });
    await client.call("POST", "/v1/datasets", { body: { name: "to be deleted" } });
  });

  test("thumbnails and metadata only", async () => {
    for (const [mode, imgType] of [["thumbnails", "thumbnail"], ["metadata", "meta"]] as const) {
      const { id } = await client.call<{ id: string }>("POST", "/v1/datasets", { body: { name: `in mode ${mode}` } });
      const before = datasetId;
      datasetId = id;
      await upload(images, mode);
      expect(await call("GET", "")).toMatchObject({ imgType, nSamples: 5 });
      datasetId = before;
    }
  });
});
