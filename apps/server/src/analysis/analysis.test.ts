import type { ColumnsData } from "@winnow/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addEmbedding, addSamples, scene, waitForJob } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { connectedGroups } from "./groups.ts";

/** Three clusters in 8 dimensions, in the first of them two near copies, and one sample that is like no other. */
function vectors(): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < 60; i++) rows.push(Array.from({ length: 8 }, (_, j) => (j === i % 3 ? 10 : 0) + 3 * Math.sin(i * 7.3 + j * 3.1)));
  rows[33] = rows[30]!.map((value) => value + 0.001);
  rows.push(Array.from({ length: 8 }, (_, j) => (j === 7 ? -90 : j)));
  return rows;
}

describeServer("Analysis", (server) => {
  test("near-duplicates, outliers and clusters become columns; later samples have none", async () => {
    const rows = vectors();
    const made = await scene(server, rows.length);
    const embeddingId = await addEmbedding(server, made, rows);
    const columns = async () => (await server.call<ColumnsData>("GET", `${made.path}/columns`)).columns.filter(({ group }) => group === "analysis");
    expect(await columns()).toEqual([]);
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${embeddingId}/analysis`);
    expect(await waitForJob(server, jobId)).toMatchObject({ status: "FINISHED" });
    expect(await columns()).toMatchObject([
      { name: `analysis.${embeddingId}.near`, kind: "number", minimum: 1 },
      { name: `analysis.${embeddingId}.outlier`, kind: "number" },
      { name: `analysis.${embeddingId}.cluster`, kind: "category" },
    ]);
    await addSamples(server, made.path, [{ fileName: "later.jpg" }]);
    const floats = async (name: string) => {
      const { bytes } = await server.send("GET", `${made.path}/columns/values`, { query: { name: `analysis.${embeddingId}.${name}` } });
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    };
    const near = await floats("near");
    expect(near).toHaveLength(rows.length + 1);
    expect(near[30]).toBeGreaterThanOrEqual(1);
    expect(near[33]).toBe(near[30]);
    expect(near[60]).toBeNaN();
    expect(near[61]).toBeNaN();
    const outlier = await floats("outlier");
    expect(outlier.subarray(0, 61).indexOf(Math.max(...outlier.subarray(0, 61)))).toBe(60);
    const { bytes } = await server.send("GET", `${made.path}/columns/values`, { query: { name: `analysis.${embeddingId}.cluster` } });
    const labels = Array.from({ length: 62 }, (_, i) => bytes.readUInt16LE(2 * i));
    expect(new Set([labels[0], labels[1], labels[2]]).size).toBe(3);
    expect(labels[61]).toBe(65_535);
  });

  test("goes with its embedding", async () => {
    const made = await scene(server, 61);
    const embeddingId = await addEmbedding(server, made, vectors());
    await waitForJob(server, (await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${embeddingId}/analysis`)).jobId);
    await server.call("DELETE", `${made.path}/embeddings/${embeddingId}`);
    expect((await server.call<ColumnsData>("GET", `${made.path}/columns`)).columns.filter(({ group }) => group === "analysis")).toEqual([]);
    expect((await server.refusal("GET", `${made.path}/columns/values`, { query: { name: `analysis.${embeddingId}.near` } })).status).toBe(404);
  });
});

describe("groups", () => {
  test("are the connected parts of the graph of near neighbours", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }).chain((rows) => fc.tuple(fc.constant(rows), fc.array(fc.tuple(fc.nat({ max: rows - 1 }), fc.integer({ min: 0, max: 4 })), { minLength: rows * 2, maxLength: rows * 2 }))), ([rows, links]) => {
        const groups = connectedGroups({ k: 2, ids: Uint32Array.from(links, ([id]) => id), distances: Float32Array.from(links, ([, distance]) => distance), recall: 1 }, 2, rows);
        // Plain: everything reachable by links in either direction.
        const reach = Array.from({ length: rows }, (_, i) => new Set([i]));
        for (let round = 0; round < rows; round++) {
          links.forEach(([id, distance], at) => {
            if (distance > 2) return;
            const row = Math.floor(at / 2);
            for (const one of reach[row]!) reach[id]!.add(one);
            for (const one of reach[id]!) reach[row]!.add(one);
          });
        }
        const plain = new Map(reach.filter((set) => set.size > 1).map((set) => [[...set].toSorted((a, b) => a - b).join(), 0]));
        expect(groups.map((group) => group.join()).toSorted()).toEqual([...plain.keys()].toSorted());
        expect(groups).toEqual(groups.toSorted((a, b) => b.length - a.length || a[0]! - b[0]!));
      }),
    );
  });
});
