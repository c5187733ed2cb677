import type { FilenameAndReadUrl, LabelStudioTask, SampleCreateRequest } from "@winnow/contract";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderConfig, writeFiles } from "../testing/datasource-scenes.ts";
import { scene, until, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const allowFolders: string[] = [];
let input: string;
let output: string;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "winnow-samples-"));
  allowFolders.push(root);
  [input, output] = [join(root, "input"), join(root, "output")];
  await writeFiles(root, [
    "input/a b.jpg", "input/sub/ü.png", "input/.lightly/thumbnails/a b_thumb.jpg", "output/a b.jpg",
    "output/.lightly/thumbnails/a b_thumb.jpg", "output/.lightly/own/thumb.webp", "output/.lightly/thumbnails/v-01-mp4_thumb.png",
    "output/.lightly/frames/v-01-mp4.png", "output/.lightly/crops/a b_crop_0.png",
  ]);
});
afterAll(() => rm(allowFolders[0]!, { recursive: true }));

const image = { fileName: "a b.jpg" };
const named = { fileName: "sub/ü.png", thumbName: ".lightly/own/thumb.webp" };
const frame = { fileName: "v-01-mp4.png", videoFrameData: { sourceVideo: "v.mp4" } };
const crop = { fileName: "a b_crop_0.png", cropData: { parentId: "a".repeat(24), predictionUUIDTimestamp: 1, predictionIndex: 0, predictionTaskName: "task", predictionTaskCategoryId: 0, predictionTaskScore: 0.5 } };
const missing = { fileName: "missing.jpg" };
const outside = { fileName: "../input/a b.jpg" };

describeServer("Samples whose files are in the datasource", (server) => {
  async function connected(samples: readonly SampleCreateRequest[], more: { thumbSuffix?: string | null } = {}): Promise<Scene> {
    const made = await scene(server, samples);
    await server.call("PUT", `${made.path}/datasource`, { body: folderConfig(input, { purpose: "INPUT", ...more }) });
    await server.call("PUT", `${made.path}/datasource`, { body: folderConfig(output, { purpose: "LIGHTLY", ...more }) });
    return made;
  }
  async function contentOf({ path, sampleIds }: Scene, i: number, type?: string): Promise<string> {
    const query = { type };
    const address = await server.call<string>("GET", `${path}/samples/${sampleIds[i]}/readurl`, { query });
    const redirect = await server.request("GET", `${path}/samples/${sampleIds[i]}/readurlRedirect`, { query: { type: type ?? "full" } });
    const [direct, redirected] = [await server.open(address), await server.open(String(redirect.headers["location"]))];
    expect(direct.bytes.equals(redirected.bytes)).toBe(true);
    return direct.status === 200 ? direct.bytes.toString() : String(direct.status);
  }

  test("images lie where their name says, frames and crops in folders of the output, thumbnails under the template or their name", async () => {
    const made = await connected([image, named, frame, crop, missing, outside]);
    expect(await Promise.all([0, 1, 2, 3, 4].map((i) => contentOf(made, i, "full")))).toEqual(["input/a b.jpg", "input/sub/ü.png", "output/.lightly/frames/v-01-mp4.png", "output/.lightly/crops/a b_crop_0.png", "404"]);
    expect(await Promise.all([0, 1, 2, 3].map((i) => contentOf(made, i, "thumbnail")))).toEqual(["output/.lightly/thumbnails/a b_thumb.jpg", "output/.lightly/own/thumb.webp", "output/.lightly/thumbnails/v-01-mp4_thumb.png", "404"]);
    expect(await contentOf(made, 0)).toBe("input/a b.jpg");
    // A name that leads out of the datasource leads nowhere.
    const address = await server.call<string>("GET", `${made.path}/samples/${made.sampleIds[5]}/readurl`);
    expect((await server.open(address)).status).toBeGreaterThanOrEqual(400);
  });

  test("without a template the full image stands for the thumbnail", async () => {
    const made = await connected([image, frame], { thumbSuffix: null });
    expect([await contentOf(made, 0, "thumbnail"), await contentOf(made, 1, "thumbnail")]).toEqual(["input/a b.jpg", "output/.lightly/frames/v-01-mp4.png"]);
  });

  test("what was uploaded comes before what the datasource has", async () => {
    const made = await connected([image]);
    const { full } = await server.call<{ full: string }>("GET", `${made.path}/samples/${made.sampleIds[0]}/writeurls`);
    await server.open(full, { method: "PUT", raw: "uploaded" });
    expect(await contentOf(made, 0, "full")).toBe("uploaded");
    expect(await contentOf(made, 0, "thumbnail")).toBe("output/.lightly/thumbnails/a b_thumb.jpg");
  });

  test("exports and the archive lead to them", async () => {
    const made = await connected([image, frame, missing, outside]);
    const query = { expiresIn: 600 };
    const rows = await server.call<FilenameAndReadUrl[]>("GET", `${made.path}/tags/${made.tagId}/export/basic/filenamesAndReadUrls`, { query });
    const follow = async (address: string) => {
      const reply = await server.open(address);
      expect(reply.status).toBe(302);
      return server.open(String(reply.headers["location"]));
    };
    expect((await Promise.all(rows.slice(0, 2).map(({ readUrl }) => follow(readUrl)))).map(({ bytes }) => bytes.toString())).toEqual(["input/a b.jpg", "output/.lightly/frames/v-01-mp4.png"]);
    const tasks = await server.call<LabelStudioTask[]>("GET", `${made.path}/tags/${made.tagId}/export/LabelStudio/tasks`, { query });
    expect((await follow(tasks[0]!.data.image)).bytes.toString()).toBe("input/a b.jpg");
    const zip = await server.send("GET", `${made.path}/tags/${made.tagId}/export/zip`, { headers: { accept: "application/zip" } });
    const text = zip.bytes.toString("latin1");
    expect([zip.status, text.includes("input/a b.jpg"), text.includes("output/.lightly/frames/v-01-mp4.png"), text.includes("missing.jpg")]).toEqual([200, true, true, false]);
  });

  test("crops of a dataset of their own are in the datasource of the one that they were cut from", async () => {
    const parent = await connected([image]);
    const { id } = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: `${parent.id} crops`, type: "Crops", parentDatasetId: parent.id } });
    const path = `/v1/datasets/${id}`;
    const { ids } = await server.call<{ ids: string[] }>("POST", `${path}/samples/bulk`, { body: { samples: [crop, image] } });
    expect(await contentOf({ ...parent, path, sampleIds: ids }, 0, "full")).toBe("output/.lightly/crops/a b_crop_0.png");
    // Nothing but crops: the child is no way to the parent's images.
    expect((await server.refusal("GET", `${path}/samples/${ids[1]}/readurl`)).status).toBe(404);
    const user = await server.addUser();
    await server.call("POST", `${parent.path}/collaboration/access`, { body: { accessType: "WRITE", users: [user.email] } });
    const foreign = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: "foreign crops", type: "Crops", parentDatasetId: parent.id }, token: user.token });
    const { ids: theirs } = await server.call<{ ids: string[] }>("POST", `/v1/datasets/${foreign.id}/samples/bulk`, { body: { samples: [crop] }, token: user.token });
    expect((await server.refusal("GET", `/v1/datasets/${foreign.id}/samples/${theirs[0]}/readurl`, { token: user.token })).status).toBe(404);
  });

  test("a deleted dataset leaves nothing of its datasource", async () => {
    const made = await connected([image]);
    await server.call("PUT", `${made.path}/datasource/processedUntilTimestamp`, { body: { processedUntilTimestamp: 5 } });
    const address = await server.call<string>("GET", `${made.path}/samples/${made.sampleIds[0]}/readurl`);
    await server.call("DELETE", made.path);
    expect((await server.open(address)).status).toBe(404);
    const db = await server.openDatabase();
    try {
      const count = async (table: "datasources" | "datasource_progress") => (await db.selectFrom(table).selectAll().where("dataset_id", "=", made.id).execute()).length;
      await until("removal of the rows", async () => (await count("datasources")) + (await count("datasource_progress")) === 0);
    } finally {
      await db.destroy();
    }
    expect(existsSync(join(input, "a b.jpg"))).toBe(true);
  });
}, { allowFolders });
