import type { ColumnsData } from "@winnow/contract";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { addEmbedding, onLine, scene, until } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { ColumnBuilder, labelsMax } from "./column-builder.ts";

describeServer("columns", (server) => {
  const makeDataset = async (name: string, samples: readonly unknown[]) => {
    const { id } = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name } });
    await server.call("POST", `/v1/datasets/${id}/samples/bulk`, { body: { samples } });
    return id;
  };
  const list = (id: string) => server.call<ColumnsData>("GET", `/v1/datasets/${id}/columns`);
  const values = async (id: string, name: string, version?: string) => {
    const reply = await server.send("GET", `/v1/datasets/${id}/columns/values`, { query: { name, version } });
    expect(reply.status, reply.bytes.toString()).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/octet-stream");
    return reply;
  };

  test("metadata become typed columns in the dataset's order", async () => {
    const id = await makeDataset("typed", [
      { fileName: "a/1.jpg", metaData: { sharpness: 1.5, shape: [10, 20, 3] }, customMetaData: { weather: "rain", at: "2024-05-01T10:00:00Z", deep: { list: [1, 2] } } },
      { fileName: "b/2.jpg", customMetaData: { weather: "sun", at: "2024-05-02T10:00:00Z", wild: 5 } },
      { fileName: "3.jpg", metaData: { sharpness: 3 }, customMetaData: { weather: "sun", wild: "text" } },
    ]);
    const { version, nSamples, columns, notices } = await list(id);
    expect(nSamples).toBe(3);
    const byName = new Map(columns.map((column) => [column.name, column]));
    expect(byName.get("meta.sharpness")).toMatchObject({ kind: "number", minimum: 1.5, maximum: 3, missing: 1 });
    expect(byName.get("custom.weather")).toMatchObject({ kind: "category", labels: ["sun", "rain"], counts: [2, 1], missing: 0 });
    expect(byName.get("custom.at")).toMatchObject({ kind: "time", missing: 1 });
    expect(byName.get("custom.deep.list[1]")).toMatchObject({ kind: "number" });
    expect(byName.get("folder")).toMatchObject({ kind: "category", labels: ["a", "b"], missing: 1 });
    expect(notices.join()).toContain('"wild" has no column: it mixes numbers and texts');

    const sharpness = await values(id, "meta.sharpness", version);
    expect([...new Float32Array(sharpness.bytes.buffer.slice(sharpness.bytes.byteOffset, sharpness.bytes.byteOffset + 12))]).toEqual([1.5, Number.NaN, 3]);
    expect(sharpness.headers["cache-control"]).toContain("immutable");
    const weather = (await values(id, "custom.weather")).bytes;
    expect([weather.readUInt16LE(0), weather.readUInt16LE(2), weather.readUInt16LE(4)]).toEqual([1, 0, 0]);
    const times = (await values(id, "custom.at")).bytes;
    expect([times.readDoubleLE(0), times.readDoubleLE(8), times.readDoubleLE(16)]).toEqual([Date.UTC(2024, 4, 1, 10), Date.UTC(2024, 4, 2, 10), Number.NaN]);
    const names = (await values(id, "fileName")).bytes;
    const offsets = [0, 4, 8, 12].map((at) => names.readUInt32LE(at));
    expect([0, 1, 2].map((i) => names.subarray(16 + offsets[i]!, 16 + offsets[i + 1]!).toString())).toEqual(["a/1.jpg", "b/2.jpg", "3.jpg"]);
  });

  test("what was predicted last: the most certain class, its score, the number of objects", async () => {
    const id = await makeDataset("predicted", ["1.jpg", "2.jpg", "3.jpg", "4.jpg"].map((fileName) => ({ fileName })));
    const cars = { name: "cars", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "car" }, { id: 7, name: "bus" }] };
    const store = async (timestamp: number, predictions: readonly object[]) => {
      await server.call("POST", `/v1/datasets/${id}/predictions/tasks`, { query: { predictionUUIDTimestamp: timestamp }, body: cars });
      await server.call("POST", `/v1/datasets/${id}/predictions/bulk`, { query: { predictionUUIDTimestamp: timestamp }, body: { taskName: "cars", predictions } });
    };
    const box = (categoryId: number, score: number) => ({ type: "OBJECT_DETECTION", taskName: "cars", categoryId, score, bbox: [1, 2, 3, 4] });
    await store(1000, [{ fileName: "4.jpg", singletons: [box(0, 1)] }]);
    await store(2000, [{ fileName: "1.jpg", singletons: [box(0, 0.25), box(7, 0.75)] }, { fileName: "2.jpg", singletons: [] }, { fileName: "3.jpg", singletons: [box(0, 0.5)] }]);
    const columns = (await list(id)).columns.filter(({ group }) => group === "prediction");
    expect(columns).toMatchObject([
      { name: "prediction.cars.class", kind: "category", labels: ["bus", "car"], counts: [1, 1], missing: 2 },
      { name: "prediction.cars.score", kind: "number", minimum: 0.5, maximum: 0.75 },
      { name: "prediction.cars.count", kind: "number", minimum: 0, maximum: 2 },
    ]);
    const counts = (await values(id, "prediction.cars.count")).bytes;
    expect([0, 1, 2, 3].map((i) => counts.readFloatLE(4 * i))).toEqual([2, 0, 1, Number.NaN]);
    // A later word on a sample counts.
    await store(2000, [{ fileName: "4.jpg", singletons: [box(7, 0.5)] }]);
    expect((await list(id)).columns.find(({ name }) => name === "prediction.cars.class")).toMatchObject({ counts: [2, 1], missing: 1 });
  });

  test("a change of samples makes them anew; an old version is refused, not served", async () => {
    const id = await makeDataset("changing", [{ fileName: "1.jpg", customMetaData: { a: 1 } }]);
    const before = await list(id);
    await server.call("POST", `/v1/datasets/${id}/samples/bulk`, { body: { samples: [{ fileName: "2.jpg", customMetaData: { a: 2 } }] } });
    const after = await list(id);
    expect(after.version).not.toBe(before.version);
    expect(after.nSamples).toBe(2);
    expect((await server.refusal("GET", `/v1/datasets/${id}/columns/values`, { query: { name: "custom.a", version: before.version } })).status).toBe(409);
    expect((await values(id, "custom.a", after.version)).bytes.length).toBe(8);
    // What else happens to the dataset leaves them as they are.
    await server.call("PUT", `/v1/datasets/${id}`, { body: { name: "changing its name" } });
    expect((await list(id)).version).toBe(after.version);
    const samples = await server.call<{ id: string }[]>("GET", `/v1/datasets/${id}/samples`);
    await server.call("PUT", `/v1/datasets/${id}/samples/${samples[0]!.id}`, { body: { customMetaData: { a: 3 } } });
    expect((await list(id)).version).not.toBe(after.version);
    // Nothing is left of the old ones.
    expect((await server.files()).filter((file) => file.includes(`${id}/columns/${before.version}/`))).toEqual([]);
  });

  test("are there already when a map has been drawn", async () => {
    const made = await scene(server, 4);
    const embedding = await addEmbedding(server, made, onLine(4));
    expect((await server.request("POST", `${made.path}/embeddings/${embedding}/trigger2dEmbeddingsJob`, { body: { dimensionalityReductionMethod: "PCA" } })).status).toBe(204);
    await until("the columns", async () => (await server.files()).some((file) => file.includes(`${made.id}/columns/columns.json`)));
    // Both for who asks by the map and for who asked before: the same files.
    const { version } = await list(made.id);
    expect((await server.files()).filter((file) => file.includes(`${made.id}/columns/`) && !file.endsWith("columns.json") && !file.includes(`/${version}/`))).toEqual([]);
  });

  test("an empty dataset, an unknown column, somebody else", async () => {
    const { id } = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: "empty" } });
    expect((await list(id)).columns.map(({ name }) => name)).toEqual(["fileName"]);
    expect((await server.refusal("GET", `/v1/datasets/${id}/columns/values`, { query: { name: "../../secret" } })).status).toBe(404);
    const other = await server.addUser();
    expect((await server.refusal("GET", `/v1/datasets/${id}/columns`, { token: other.token })).status).toBe(404);
  });

  test("cards of samples by ordinal, in order and once each", async () => {
    const id = await makeDataset("cards", [{ fileName: "1.jpg", metaData: { shape: [10, 20, 3] } }, { fileName: "2.jpg" }, { fileName: "3.jpg" }]);
    const cards = await server.call<{ ordinal: number; fileName: string; width?: number }[]>("POST", `/v1/datasets/${id}/columns/cards`, { body: { ordinals: [2, 0, 2, 99] } });
    expect(cards.map(({ ordinal, fileName }) => [ordinal, fileName])).toEqual([[0, "1.jpg"], [2, "3.jpg"]]);
    expect(cards[0]!.width).toBe(20);
  });

  test("pictures are made small once, and known ones are not sent again", async () => {
    const id = await makeDataset("pictures", [{ fileName: "1.png" }, { fileName: "2.png" }]);
    const [sample] = await server.call<{ id: string }[]>("GET", `/v1/datasets/${id}/samples`);
    const address = await server.call<string>("GET", `/v1/datasets/${id}/samples/${sample!.id}/writeurl`, { query: { fileName: "1.png", isThumbnail: false } });
    await server.open(address, { method: "PUT", raw: await sharp({ create: { width: 800, height: 400, channels: 3, background: "red" } }).png().toBuffer() });
    for (let i = 0; i < 2; i++) {
      const reply = await server.send("GET", `/v1/datasets/${id}/pictures/0`, { query: { size: 100 } });
      expect(reply.headers["content-type"]).toBe("image/webp");
      expect(await sharp(reply.bytes).metadata()).toMatchObject({ width: 128, height: 64 });
      const again = await server.send("GET", `/v1/datasets/${id}/pictures/0`, { query: { size: 100 }, headers: { "if-none-match": String(reply.headers["etag"]) } });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
    }
    expect((await server.refusal("GET", `/v1/datasets/${id}/pictures/1`)).message).toContain("2.png");
    for (const ordinal of ["2", "-1", "x", "99999999999"]) expect((await server.refusal("GET", `/v1/datasets/${id}/pictures/${ordinal}`)).status).toBe(404);
  });
});

describe("column builder", () => {
  test("categories hold every text in place", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: null }), { minLength: 1, maxLength: 50 }), (texts) => {
        const builder = new ColumnBuilder(texts.length);
        texts.forEach((text, i) => builder.put(i, text));
        const built = builder.build();
        if (texts.every((text) => text === null)) return void expect(built).toBe("it has no value");
        if (typeof built === "string") throw new Error(built);
        const codes = new Uint16Array(built.bytes.buffer, built.bytes.byteOffset, texts.length);
        expect(Array.from(codes, (code) => built.labels![code] ?? null)).toEqual(texts);
        expect(built.counts).toEqual([...built.counts!].sort((a, b) => b - a));
        expect(built.missing).toBe(texts.filter((text) => text === null).length);
      }),
    );
  });

  test("too many texts are no categories, but as many times as there are", () => {
    const many = new ColumnBuilder(labelsMax + 5);
    const times = new ColumnBuilder(labelsMax + 5);
    for (let i = 0; i < labelsMax + 5; i++) {
      many.put(i, `text ${i}`);
      times.put(i, new Date(Date.UTC(2020, 0, 1, 0, i)).toISOString());
    }
    expect(many.build()).toContain("more than");
    const built = times.build();
    if (typeof built === "string") throw new Error(built);
    expect(new Float64Array(built.bytes.buffer, 0, 3)[2]).toBe(Date.UTC(2020, 0, 1, 0, 2));
  });
});
