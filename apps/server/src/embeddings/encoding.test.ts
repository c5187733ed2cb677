import type { EmbeddingData, NeighboursData } from "@winnow/contract";
import { encodeJpeg } from "@winnow/media";
import { expect, test } from "vitest";
import { scene, waitForJob } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Embedding uploaded images", (server) => {
  /** Stripes that lie across or stand up, each in its own grey. */
  async function picture(across: boolean, number: number): Promise<Uint8Array> {
    const [width, height] = [64, 64];
    const data = new Uint8Array(width * height * 3);
    for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++) for (let channel = 0; channel < 3; channel++) data[at++] = (across ? y : x) % 16 < 8 ? 20 + number : 220 - number;
    return encodeJpeg({ data, width, height }, 90);
  }

  test("what looks alike is near; an unreadable image has a vector too", async () => {
    const made = await scene(server, 5);
    for (const [i, id] of made.sampleIds.entries()) {
      const address = await server.call<string>("GET", `${made.path}/samples/${id}/writeurl`, { query: { isThumbnail: false } });
      expect((await server.open(address, { method: "PUT", raw: i === 4 ? "no image" : await picture(i < 2, i) })).status).toBe(200);
    }
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/compute`);
    expect(await waitForJob(server, jobId)).toMatchObject({ status: "FINISHED", error: "1 images could not be read" });
    expect(await server.call<EmbeddingData[]>("GET", `${made.path}/embeddings`)).toHaveLength(1);
    for (const [ordinal, twin] of [[0, 1], [3, 2]]) expect((await server.call<NeighboursData>("GET", `${made.path}/neighbours`, { query: { ordinal: ordinal!, count: 1 } })).ordinals).toEqual([twin]);
    expect((await server.call<NeighboursData>("GET", `${made.path}/neighbours`, { query: { ordinal: 4 } })).ordinals).toHaveLength(4);
  });

  test("samples without an image here are said, not skipped", async () => {
    const made = await scene(server, 2);
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/compute`);
    expect(await waitForJob(server, jobId)).toMatchObject({ status: "FAILED", error: expect.stringContaining("2 of 2 samples have no image") as string });
    const empty = await scene(server);
    expect(await server.refusal("POST", `${empty.path}/embeddings/compute`)).toMatchObject({ status: 400, message: "The dataset has no samples yet." });
  });
});
