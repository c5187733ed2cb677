import type { SampleData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, datasetOf, scene, touches } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const metaData = { sharpness: 12.5, sizeInBytes: 2048, snr: 3.25, mean: [0.1, 0.2, 0.3], shape: [32, 48, 3], std: [0.5, 0.25, 1], sumOfSquares: [1, 2, 3], sumOfValues: [1e9, 2, -3], is_corrupted: false, key_of_tomorrow: { a: [1, null, "x"] } };

describeServer("Samples", (server) => {
  const sample = async (path: string, id: string) => server.call<SampleData>("GET", `${path}/samples/${id}`);

  test("what is sent comes back, by id and in the list", async () => {
    const { path, id: datasetId } = await scene(server);
    const request = {
      fileName: "sub folder/Ünïcode 猫 🐈.jpg",
      thumbName: "sub folder/Ünïcode 猫 🐈_thumb.webp",
      exif: { Make: "Canon", Nested: { list: [1, "two", null, true] }, Missing: null, 17: "number as key" },
      metaData,
      customMetaData: { image_id: 3, weather: "sunny", empty: {}, deep: { a: { b: { c: [[[1.5]]] } } }, none: null },
    };
    const { id } = await server.call<{ id: string }>("POST", `${path}/samples`, { body: request });
    const expected = { ...request, id, datasetId, type: "IMAGE", index: 0, createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) };
    expect(await sample(path, id)).toEqual(expected);
    expect(await server.call("GET", `${path}/samples`)).toEqual([expected]);
    expect(await server.call("GET", `${path}/samples/partial`, { query: { mode: "full" } })).toEqual([expected]);
  });

  test("null stands for left out, as older clients write it", async () => {
    const { path } = await scene(server);
    const { id } = await server.call<{ id: string }>("POST", `${path}/samples`, {
      body: { fileName: "a.jpg", thumbName: null, exif: null, metaData: { custom: null, sharpness: null, mean: null }, customMetaData: null, videoFrameData: null, cropData: null },
    });
    const found = await sample(path, id);
    expect(Object.keys(found).toSorted()).toEqual(["createdAt", "datasetId", "fileName", "id", "index", "lastModifiedAt", "metaData", "type"]);
  });

  test("the type follows from what a sample is cut out of", async () => {
    const { path, sampleIds } = await scene(server, 1);
    const cropData = { parentId: sampleIds[0], predictionUUIDTimestamp: 1, predictionIndex: 0, predictionTaskName: "cars/v1", predictionTaskCategoryId: 0, predictionTaskScore: 0.5 };
    const crop = await server.call<{ id: string }>("POST", `${path}/samples`, { body: { fileName: "crop.jpg", cropData } });
    expect(await sample(path, crop.id)).toMatchObject({ type: "CROP", cropData });
    const videoFrameData = { sourceVideo: "a.mp4", sourceVideoFrameIndex: 3, sourceVideoFrameTimestamp: 0.12 };
    const frame = await server.call<{ id: string }>("POST", `${path}/samples`, { body: { fileName: "frame.jpg", videoFrameData } });
    expect(await sample(path, frame.id)).toMatchObject({ type: "VIDEO_FRAME", videoFrameData });
    expect((await server.refusal("POST", `${path}/samples`, { body: { fileName: "x.jpg", cropData: { ...cropData, predictionTaskScore: 1.5 } } })).message).toBe(`"cropData.predictionTaskScore" must be at most 1, got 1.5.`);
  });

  test("the same creation sent again is the same sample; another one of that name is refused", async () => {
    const { path } = await scene(server);
    const body = { fileName: "a.jpg", metaData, customMetaData: { a: 1 } };
    const first = await server.call<{ id: string }>("POST", `${path}/samples`, { body });
    expect(await server.call("POST", `${path}/samples`, { body })).toEqual(first);
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => server.call<{ id: string }>("POST", `${path}/samples`, { body: { fileName: "b.jpg" } })));
    expect(new Set(atOnce.map(({ id }) => id)).size).toBe(1);
    expect(await server.refusal("POST", `${path}/samples`, { body: { ...body, customMetaData: { a: 2 } } })).toMatchObject({ status: 409, code: "SAMPLE_CREATE_REQUEST_INVALID_FORMAT" });
    expect((await datasetOf(server, path)).nSamples).toBe(2);
  });

  test("names: 1 to 255 characters, counted as a reader would, no control characters, well-formed, case-sensitive", async () => {
    const { path } = await scene(server);
    for (const fileName of ["", "a".repeat(256), "a\u0000b", "tab\tin it", "line\nfeed", "half \ud83d", "\udc00", 7, null, ["a"], { a: 1 }]) {
      const { status, message } = await server.refusal("POST", `${path}/samples`, { body: { fileName } });
      expect(status).toBe(400);
      expect(message, JSON.stringify(fileName)).toContain("fileName");
    }
    const allowed = ["x", "a".repeat(255), "🐈".repeat(255), "../../etc/passwd", "/absolute", "C:\\windows", "a,b.jpg", `quo"te`, "A.JPG", "a.jpg", " ", ".", "__proto__", "constructor", "\u2028", "e\u0301.jpg", "\u00e9.jpg"];
    for (const fileName of allowed) await server.call("POST", `${path}/samples`, { body: { fileName } });
    expect(await server.call("GET", `${path}/mappings`, { query: { field: "fileName" } })).toEqual(allowed);
    for (const fileName of allowed) {
      const found = await server.call<SampleData[]>("GET", `${path}/samples`, { query: { fileName } });
      expect(found.map((one) => one.fileName)).toEqual([fileName]);
    }
  });

  test("keys that mean something to the language are only keys", async () => {
    const { path } = await scene(server);
    const text = `{"fileName":"a.jpg","customMetaData":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":"x","":"empty"},"exif":{"__proto__":"y"},"metaData":{"__proto__":{"sharpness":1},"hasOwnProperty":3},"__proto__":{"thumbName":"evil"}}`;
    const { id } = await server.call<{ id: string }>("POST", `${path}/samples`, { raw: text });
    for (const reply of [await server.request("GET", `${path}/samples/${id}`), await server.request("GET", `${path}/samples`)]) {
      const shown = reply.bytes.toString("utf8");
      for (const part of [`"customMetaData":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":"x","":"empty"}`, `"exif":{"__proto__":"y"}`]) expect(shown).toContain(part);
      expect(shown).not.toContain("evil");
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((await server.refusal("POST", `${path}/samples`, { raw: `{"__proto__":{"fileName":"a.jpg"}}` })).message).toBe(`"fileName" is missing in the body.`);
  });

  test("NaN and Infinity become null in what an upload measured", async () => {
    const { path } = await scene(server);
    const raw = `{"fileName":"black.jpg","metaData":{"snr":NaN,"sharpness":-Infinity,"mean":[0,0,0],"is":"NaN","extra":{"deep":[Infinity,1]}},"exif":{"a":NaN},"customMetaData":{"b":[NaN]}}`;
    const { id } = await server.call<{ id: string }>("POST", `${path}/samples`, { raw });
    expect(await sample(path, id)).toMatchObject({ metaData: { snr: null, sharpness: null, is: "NaN", extra: { deep: [null, 1] } }, exif: { a: null }, customMetaData: { b: [null] } });
    expect((await server.refusal("PUT", `${path}/samples/${id}`, { raw: `{"customMetaData":{"c":[1,Infinity]}}` })).message).toBe(`"customMetaData.c[1]" must be a finite number, got NaN or Infinity.`);
    await server.call("POST", `${path}/samples/bulk`, { raw: `{"samples":[{"fileName":"second.jpg","metaData":{"snr":NaN}}]}` });
    expect((await server.refusal("POST", `${path}/samples`, { raw: `{"fileName":"x.jpg","videoFrameData":{"sourceVideoFrameIndex":NaN}}` })).message).toContain(`"videoFrameData.sourceVideoFrameIndex" must be a finite number`);
    expect((await server.refusal("POST", `${path}/samples`, { raw: `{"fileName":NaN}` })).message).toContain(`"fileName"`);
  });

  test("sizes beyond what counts exactly are refused instead of breaking the dataset", async () => {
    const { path } = await scene(server);
    for (const size of ["9007199254740993", "1152921504606846976", "1e300", "-1", "1.5", `"12"`]) {
      const { status, message } = await server.refusal("POST", `${path}/samples`, { raw: `{"fileName":"a.jpg","metaData":{"sizeInBytes":${size}}}` });
      expect([status, message.includes("metaData.sizeInBytes")], size).toEqual([400, true]);
    }
    // Together they may come as near to the limit as they like.
    for (const fileName of ["a.jpg", "b.jpg", "c.jpg"]) await server.request("POST", `${path}/samples`, { body: { fileName, metaData: { sizeInBytes: Number.MAX_SAFE_INTEGER } } });
    expect((await server.request("GET", path)).status).toBe(200);
    expect((await server.request("GET", `${path}/samples`)).status).toBe(200);
    expect((await server.request("GET", "/v1/datasets")).status).toBe(200);
  });

  test("an update changes what it names and leaves the rest", async () => {
    const { path } = await scene(server);
    const [id] = await addSamples(server, path, [{ fileName: "a.jpg", thumbName: "t.webp", metaData: { sizeInBytes: 10 }, exif: { a: 1 } }, { fileName: "b.jpg" }]);
    const at = `${path}/samples/${id}`;
    expect(await touches(server, path, () => server.call("PUT", at, { body: { customMetaData: { weather: "rain" } }, query: { enableDatasetUpdate: "True" } }))).toBe(true);
    expect(await sample(path, id!)).toMatchObject({ fileName: "a.jpg", thumbName: "t.webp", exif: { a: 1 }, metaData: { sizeInBytes: 10 }, customMetaData: { weather: "rain" } });
    await server.call("PUT", at, { body: { metaData: { sizeInBytes: 25 }, exif: { b: 2 }, thumbName: "u.webp", fileName: "c.jpg" } });
    expect(await sample(path, id!)).toMatchObject({ fileName: "c.jpg", thumbName: "u.webp", exif: { b: 2 }, customMetaData: { weather: "rain" } });
    expect((await datasetOf(server, path)).sizeInBytes).toBe(25);
    await server.call("PUT", at, { body: {} });
    await server.call("PUT", at, { body: { fileName: "c.jpg", customMetaData: null } });
    expect((await sample(path, id!)).customMetaData).toEqual({ weather: "rain" });
    expect(await server.refusal("PUT", at, { body: { fileName: "b.jpg" } })).toMatchObject({ status: 409 });
    for (const body of [{ fileName: "\ud800.jpg" }, { thumbName: "\ud800.jpg" }, { fileName: "" }, { metaData: { sizeInBytes: 2 ** 60 } }, { customMetaData: [] }]) {
      const { status, message } = await server.refusal("PUT", at, { body });
      expect([status, message.includes(Object.keys(body)[0]!)]).toEqual([400, true]);
    }
    expect(await server.call("GET", `${path}/mappings`, { query: { field: "fileName" } })).toEqual(["c.jpg", "b.jpg"]);
  });

  test("custom metadata has a limit, on creation and on update", async () => {
    const { path, sampleIds } = await scene(server, 1);
    const customMetaData = { text: "x".repeat(1024 * 1024) };
    for (const [method, at, body] of [
      ["POST", "samples", { fileName: "large.jpg", customMetaData }],
      ["PUT", `samples/${sampleIds[0]}`, { customMetaData }],
      ["POST", "samples/bulk", { samples: [{ fileName: "large.jpg", customMetaData }] }],
    ] as const) expect(await server.refusal(method, `${path}/${at}`, { body })).toMatchObject({ status: 413, code: "CUSTOM_METADATA_AT_MAX_SIZE" });
    expect((await datasetOf(server, path)).nSamples).toBe(1);
  });

  test("modes of the lists", async () => {
    const { path, sampleIds } = await scene(server, 2);
    const list = (at: string, mode?: string) => server.call<SampleData[]>("GET", `${path}/${at}`, { query: { mode } });
    expect(await list("samples", "partial")).toEqual(sampleIds.map((id, i) => ({ id, type: "IMAGE", fileName: `${i}.jpg` })));
    expect(await list("samples", "full")).toEqual(await list("samples"));
    expect(await list("samples/partial", "ids")).toEqual(sampleIds.map((id) => ({ id })));
    expect(await list("samples/partial", "fileNames")).toEqual(sampleIds.map((id, i) => ({ id, fileName: `${i}.jpg` })));
    expect(await list("samples/partial", "full")).toEqual(await list("samples"));
    for (const [at, mode] of [["samples", "ids"], ["samples", ""], ["samples", "FULL"], ["samples/partial", "partial"]] as const) {
      expect((await server.refusal("GET", `${path}/${at}`, { query: { mode } })).message).toContain(`"mode"`);
    }
  });

  test("lists come in the dataset's order, in pages, and one sample by its name", async () => {
    const { path, fileNames, sampleIds } = await scene(server, 25);
    for (const at of ["samples", "samples/partial"]) {
      const names = async (query: object) => (await server.call<SampleData[]>("GET", `${path}/${at}`, { query: query as never })).map((one) => one.fileName);
      expect(await names({})).toEqual(fileNames);
      expect(await names({ pageSize: 10, pageOffset: 20 })).toEqual(fileNames.slice(20));
      expect(await names({ pageOffset: 24 })).toEqual(fileNames.slice(24));
      expect(await names({ pageOffset: "1".repeat(40), pageSize: 3 })).toEqual([]);
      expect(await names({ fileName: "7.jpg" })).toEqual(["7.jpg"]);
      expect(await names({ fileName: "7" })).toEqual([]);
      expect(await names({ fileName: "" })).toEqual([]);
    }
    const mapping = (query: object) => server.call<string[]>("GET", `${path}/mappings`, { query: { field: "_id", ...query } as never });
    expect(await mapping({})).toEqual(sampleIds);
    expect(await mapping({ pageSize: 10, pageOffset: 10 })).toEqual(sampleIds.slice(10, 20));
    expect(await mapping({ pageSize: 10, pageOffset: 30 })).toEqual([]);
    expect((await server.refusal("GET", `${path}/mappings`)).message).toBe(`"field" is missing in the query.`);
    for (const field of ["id", "__proto__", ""]) expect((await server.refusal("GET", `${path}/mappings`, { query: { field } })).message).toContain(`"field" must be fileName or _id`);
    expect(await server.call("GET", `${(await scene(server)).path}/mappings`, { query: { field: "_id" } })).toEqual([]);
  });

  test("unknown, foreign and malformed samples are 404", async () => {
    const { path } = await scene(server, 1);
    const other = await scene(server, 1);
    for (const id of [other.sampleIds[0], "f".repeat(24), "abc", "%00", "%2e%2e"]) {
      for (const [method, end, options] of [
        ["GET", "", {}],
        ["PUT", "", { body: {} }],
        ["GET", "/readurl", {}],
        ["GET", "/readurlRedirect", { query: { type: "full" } }],
        ["GET", "/writeurl", { query: { isThumbnail: "True" } }],
        ["GET", "/writeurls", {}],
      ] as const) expect(await server.refusal(method, `${path}/samples/${id}${end}`, options), `${id}${end}`).toMatchObject({ status: 404, code: "SAMPLE_UNKNOWN" });
      expect(await server.refusal("GET", `/users/datasets/${path.slice(13)}/samples/${id}/embeddings`)).toMatchObject({ status: 404 });
    }
  });

  test("many in one request: all or none, or skipping the names that are there", async () => {
    const { path } = await scene(server);
    const bulk = `${path}/samples/bulk`;
    const first = await server.call<{ ids: string[]; created: number }>("POST", bulk, { body: { samples: [{ fileName: "a" }, { fileName: "b" }] } });
    expect(first).toEqual({ ids: [expect.any(String), expect.any(String)], created: 2 });
    expect(await server.refusal("POST", bulk, { body: { samples: [{ fileName: "c" }, { fileName: "b" }] } })).toMatchObject({ status: 409 });
    expect(await server.refusal("POST", bulk, { body: { samples: [{ fileName: "c" }, { fileName: "c" }] } })).toMatchObject({ status: 409 });
    expect((await server.refusal("POST", bulk, { body: { samples: [{ fileName: "c" }, { fileName: "" }] } })).message).toContain(`"samples[1].fileName"`);
    expect((await server.refusal("POST", bulk, { body: { samples: [] } })).message).toContain(`"samples" must have at least 1 entries`);
    expect((await server.refusal("POST", bulk, { body: { samples: Array.from({ length: 10_001 }, (_, i) => ({ fileName: `${i}` })) } })).message).toContain(`"samples" must have at most 10000 entries`);
    expect((await datasetOf(server, path)).nSamples).toBe(2);
    const skipping = await server.call<{ ids: string[]; created: number }>("POST", bulk, { body: { samples: [{ fileName: "b" }, { fileName: "d" }, { fileName: "d" }, { fileName: "a" }], skipExisting: true } });
    expect(skipping.created).toBe(1);
    expect([skipping.ids[0], skipping.ids[3]]).toEqual([first.ids[1], first.ids[0]]);
    expect(skipping.ids[1]).toBe(skipping.ids[2]);
    const many = await server.call<{ created: number }>("POST", bulk, { body: { samples: Array.from({ length: 10_000 }, (_, i) => ({ fileName: `many/${i}` })) } });
    expect(many.created).toBe(10_000);
    expect(await server.call("GET", `${path}/mappings`, { query: { field: "fileName", pageOffset: 10_000 } })).toEqual(["many/9997", "many/9998", "many/9999"]);
    const ids = await server.call<string[]>("GET", `${path}/mappings`, { query: { field: "_id" } });
    expect(ids).toEqual(ids.toSorted());
  });
});

describeServer("A small quota", (server) => {
  test("the quota is a number as text, and a full dataset says so", async () => {
    expect(await server.call("GET", "/v1/quota")).toBe("3");
    const { path } = await scene(server, 2);
    expect(await server.refusal("POST", `${path}/samples/bulk`, { body: { samples: [{ fileName: "x" }, { fileName: "y" }] } })).toMatchObject({ status: 400, code: "DATASET_AT_MAX_CAPACITY" });
    const replies = await Promise.all(["x", "y", "z"].map((fileName) => server.request("POST", `${path}/samples`, { body: { fileName } })));
    expect(replies.map((reply) => reply.status).toSorted()).toEqual([201, 400, 400]);
    expect((await datasetOf(server, path)).nSamples).toBe(3);
  });
}, { datasetSizeMax: 3 });
