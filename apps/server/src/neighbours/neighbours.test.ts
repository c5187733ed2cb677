import type { NeighboursData } from "@winnow/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addEmbedding, addSamples, onLine, scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Neighbours", (server) => {
  test("are those that a plain search finds, nearest first, ties by ordinal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), { minLength: 2, maxLength: 12 }), fc.nat(), fc.integer({ min: 1, max: 15 }), async (vectors, which, count) => {
        const made = await scene(server, vectors.length);
        const embeddingId = await addEmbedding(server, made, vectors);
        const ordinal = which % vectors.length;
        const expected = vectors
          .map(([x, y], i) => ({ i, distance: Math.hypot(x - vectors[ordinal]![0], y - vectors[ordinal]![1]) }))
          .filter(({ i }) => i !== ordinal)
          .toSorted((a, b) => a.distance - b.distance || a.i - b.i)
          .slice(0, count);
        const found = await server.call<NeighboursData>("GET", `${made.path}/neighbours`, { query: { ordinal, count } });
        expect(found).toEqual({ embeddingId, ordinals: expected.map(({ i }) => i), distances: expected.map(({ distance }) => expect.closeTo(distance, 5)) });
      }),
      { numRuns: 15 },
    );
  });

  test("by the newest embedding unless one is named; refused where there is nothing to compare", async () => {
    const made = await scene(server, 3);
    expect(await server.refusal("GET", `${made.path}/neighbours`, { query: { ordinal: 0 } })).toMatchObject({ code: "EMBEDDING_UNKNOWN" });
    const first = await addEmbedding(server, made, onLine(3), "first");
    const second = await addEmbedding(server, made, [[0, 0], [9, 0], [1, 0]], "second");
    expect(await server.call("GET", `${made.path}/neighbours`, { query: { ordinal: 0 } })).toMatchObject({ embeddingId: second, ordinals: [2, 1] });
    expect(await server.call("GET", `${made.path}/neighbours`, { query: { ordinal: 0, embeddingId: first } })).toMatchObject({ embeddingId: first, ordinals: [1, 2] });
    await addSamples(server, made.path, [{ fileName: "later.jpg" }]);
    expect(await server.refusal("GET", `${made.path}/neighbours`, { query: { ordinal: 3 } })).toMatchObject({ code: "SAMPLE_UNKNOWN", message: expect.stringContaining("below 3") as string });
  });
});
