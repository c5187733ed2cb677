import type { DatasetEmbeddingData, Embedding2dData, JobsData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, onLine, scene, touches, until, waitForJob } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Projections", (server) => {
  const list = (at: string) => server.call<Embedding2dData[]>("GET", `${at}/2d`);

  test.each([1, 2, 3, 40])("the three triggers succeed for %i samples, and each method is computed once", async (count) => {
    const made = await scene(server, count);
    const embedding = await addEmbedding(server, made, Array.from({ length: count }, (_, i) => [i, Math.sin(i), Math.cos(i), (i * 7) % 5]), "emb");
    const at = `${made.path}/embeddings/${embedding}`;
    for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"]) {
      expect((await server.request("POST", `${at}/trigger2dEmbeddingsJob`, { body: { dimensionalityReductionMethod } })).status).toBe(204);
    }
    await until("all three", async () => (await list(at)).length === 3);
    const found = await list(at);
    expect(found.map((one) => one.dimensionalityReductionMethod).toSorted()).toEqual(["PCA", "TSNE", "UMAP"]);
    for (const one of found) {
      expect(one).toMatchObject({ name: "emb__2d", datasetId: made.id, embeddingId: embedding });
      const { coordinatesDimension1: x, coordinatesDimension2: y } = await server.call<Embedding2dData>("GET", `${at}/2d/${one.id}`);
      expect([x!.length, y!.length]).toEqual([count, count]);
      for (const value of [...x!, ...y!]) expect(Number.isFinite(value)).toBe(true);
    }
    expect((await server.call<DatasetEmbeddingData[]>("GET", `${made.path}/embeddings`))[0]!.is2d).toBe(true);
    const jobs = (await server.call<JobsData[]>("GET", "/v1/jobs")).filter((job) => job.datasetId === made.id);
    for (const job of jobs) expect((await waitForJob(server, job.jobId)).status).toBe("FINISHED");
    // A repeated trigger replaces what is there.
    await server.request("POST", `${at}/trigger2dEmbeddingsJob`, { body: { dimensionalityReductionMethod: "PCA" } });
    await until("the new one", async () => (await list(at)).every((one) => one.dimensionalityReductionMethod !== "PCA" || !found.some(({ id }) => id === one.id)));
    expect(await list(at)).toHaveLength(3);
  });

  test("projections from elsewhere are kept as they are", async () => {
    const made = await scene(server, 3);
    const at = `${made.path}/embeddings/${await addEmbedding(server, made, onLine(3))}`;
    const body = { name: "mine", dimensionalityReductionMethod: "UMAP", coordinatesDimension1: [1, -2.5, 1e300], coordinatesDimension2: [0, 0.1, 5e-324] };
    const made2d: { id?: string } = {};
    expect(await touches(server, made.path, async () => Object.assign(made2d, await server.call<{ id: string }>("POST", `${at}/2d`, { body })))).toBe(true);
    expect(await server.call("GET", `${at}/2d/${made2d.id}`)).toEqual({ id: made2d.id, datasetId: made.id, embeddingId: at.slice(-24), createdAt: expect.any(Number), ...body });
    expect((await list(at))[0]).not.toHaveProperty("coordinatesDimension1");
    for (const [change, told] of [
      [{ coordinatesDimension1: [1, 2] }, `"coordinatesDimension1" must have one number for each of the 3 rows`],
      [{ coordinatesDimension2: [1, 2, 3, 4] }, `"coordinatesDimension2" must have one number for each of the 3 rows`],
      [{ coordinatesDimension1: [] }, `"coordinatesDimension1" must have at least 1 entries`],
      [{ coordinatesDimension1: [1, "2", 3] }, `"coordinatesDimension1[1]" must be a number, got "2"`],
      [{ coordinatesDimension1: [1, null, 3] }, `"coordinatesDimension1[1]" must be a number, got null`],
      [{ dimensionalityReductionMethod: "ISOMAP" }, `"dimensionalityReductionMethod" must be one of PCA, TSNE, UMAP`],
      [{ name: undefined }, `"name" is missing`],
      [{ name: "half \ud800" }, `"name"`],
      [{ name: "a\0b" }, `"name"`],
    ] as const) {
      const { status, message } = await server.refusal("POST", `${at}/2d`, { body: { ...body, ...change } });
      expect(status).toBe(400);
      expect(message).toContain(told);
    }
    expect((await server.refusal("POST", `${at}/2d`, { raw: `{"name":"x","dimensionalityReductionMethod":"PCA","coordinatesDimension1":[1,NaN,3],"coordinatesDimension2":[1,2,3]}` })).message).toBe(`"coordinatesDimension1[1]" must be a finite number, got NaN or Infinity.`);
    for (const id of ["0".repeat(24), "x", "%00"]) expect(await server.refusal("GET", `${at}/2d/${id}`)).toMatchObject({ status: 404, code: "EMBEDDING_2D_UNKNOWN" });
  });

  test("an unknown method is refused before there is a job", async () => {
    const made = await scene(server, 1);
    const id = await addEmbedding(server, made, [[1]]);
    expect((await server.refusal("POST", `${made.path}/embeddings/${id}/trigger2dEmbeddingsJob`, { body: { dimensionalityReductionMethod: "pca" } })).message).toContain(`must be one of PCA, TSNE, UMAP, got "pca"`);
  });
});
