import type { TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, addTag, datasetOf, freshName, scene, tagOrdinals, touches } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Tags", (server) => {
  const list = (path: string) => server.call<TagData[]>("GET", `${path}/tags`);

  test("before the first upload ends there is no tag; the initial one holds every sample and sets the image type", async () => {
    const { path } = await scene(server, 9, { tagged: false });
    expect(await list(path)).toEqual([]);
    expect(await datasetOf(server, path)).not.toHaveProperty("imgType");
    const { id } = await server.call<{ id: string }>("POST", `${path}/tags/initial`, { body: { imgType: "thumbnail", creator: "USER_PIP" } });
    const tag = await server.call<TagData>("GET", `${path}/tags/${id}`);
    expect(tag).toEqual({ id, datasetId: path.slice(13), prevTagId: null, name: "initial-tag", bitMaskData: "0x1ff", totSize: 9, createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) });
    expect((await datasetOf(server, path)).imgType).toBe("thumbnail");
    expect(await server.refusal("POST", `${path}/tags/initial`, { body: { imgType: "full" } })).toMatchObject({ status: 409, code: "TAG_INITIAL_EXISTS" });
    expect((await server.refusal("POST", `${path}/tags/initial`, { body: { imgType: "huge" } })).message).toContain(`"imgType" must be one of full, thumbnail, meta`);
  });

  test("only one of many simultaneous initial tags is made", async () => {
    const { path } = await scene(server, 2, { tagged: false });
    const replies = await Promise.all(Array.from({ length: 6 }, () => server.request("POST", `${path}/tags/initial`, { body: { imgType: "meta" } })));
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1);
    expect(await list(path)).toHaveLength(1);
  });

  test("an empty dataset gets an empty initial tag", async () => {
    const { path, tagId } = await scene(server, 0);
    expect(await server.call("GET", `${path}/tags/${tagId}`)).toMatchObject({ bitMaskData: "0x0", totSize: 0 });
  });

  test("masks come back as they were sent: bit i is ordinal i, least significant first", async () => {
    const made = await scene(server, 300);
    for (const ordinals of [[], [0], [299], [0, 8, 63, 64, 65, 128, 255, 256, 299], Array.from({ length: 300 }, (_, i) => i)]) {
      const tagId = await addTag(server, made, freshName("tag"), ordinals);
      expect(await tagOrdinals(server, made.path, tagId)).toEqual(ordinals);
      expect(await server.call("GET", `${made.path}/tags/${tagId}/filenames`)).toEqual(ordinals.map((i) => `${i}.jpg`));
    }
    const padded = await server.call<{ id: string }>("POST", `${made.path}/tags`, { body: { name: freshName("tag"), prevTagId: made.tagId, bitMaskData: `0x${"0".repeat(500)}3`, totSize: 300 } });
    expect((await server.call<TagData>("GET", `${made.path}/tags/${padded.id}`)).bitMaskData).toBe("0x3");
  });

  test("a mask beyond the dataset is refused, and so is what is no mask", async () => {
    const { path, tagId } = await scene(server, 8);
    const body = { name: "a tag", prevTagId: tagId, bitMaskData: "0x1", totSize: 8 };
    for (const change of [{ bitMaskData: "0x100" }, { bitMaskData: `0x1${"0".repeat(4000)}` }, { totSize: 9, bitMaskData: "0x1" }, { totSize: -1 }, { totSize: 4, bitMaskData: "0x10" }]) {
      expect(await server.refusal("POST", `${path}/tags`, { body: { ...body, ...change } })).toMatchObject({ status: 400, code: "DATASET_TAG_INVALID" });
    }
    for (const [field, value] of [["bitMaskData", "0x"], ["bitMaskData", "3"], ["bitMaskData", "0xg"], ["bitMaskData", 3], ["totSize", "8"], ["totSize", 7.5], ["prevTagId", null], ["prevTagId", "x"], ["name", "no"], ["name", "käse"], ["name", "a".repeat(256)], ["creator", "ME"], ["queryTagId", 5]] as const) {
      const { status, message } = await server.refusal("POST", `${path}/tags`, { body: { ...body, [field]: value } });
      expect([status, message.includes(`"${field}"`)], `${field} ${message}`).toEqual([400, true]);
    }
    expect(await list(path)).toHaveLength(1);
  });

  test("relatives of a tag have to be tags of the same dataset", async () => {
    const made = await scene(server, 4);
    const other = await scene(server, 4);
    for (const [field, code] of [["prevTagId", "TAG_PREVTAG_NOT_IN_DATASET"], ["queryTagId", "TAG_QUERYTAG_NOT_IN_DATASET"], ["preselectedTagId", "TAG_PRESELECTEDTAG_NOT_IN_DATASET"]] as const) {
      for (const id of [other.tagId, "0".repeat(24)]) {
        const body = { name: "a tag", prevTagId: made.tagId, bitMaskData: "0x1", totSize: 4, [field]: id };
        expect(await server.refusal("POST", `${made.path}/tags`, { body })).toMatchObject({ status: 400, code });
      }
    }
    const child = await addTag(server, made, "child", [1], { queryTagId: made.tagId, preselectedTagId: made.tagId, creator: "USER_WEBAPP", changes: { any: "thing" }, runId: "1".repeat(24) });
    expect(await server.call("GET", `${made.path}/tags/${child}`)).toMatchObject({ prevTagId: made.tagId, queryTagId: made.tagId, preselectedTagId: made.tagId, runId: "1".repeat(24) });
  });

  test("names are unique in a dataset, on every way to make one, also under a race", async () => {
    const made = await scene(server, 4);
    const b = await addTag(server, made, "second", [1]);
    const taken = "initial-tag";
    const ways: [string, string, object][] = [
      ["POST", "tags", { name: taken, prevTagId: made.tagId, bitMaskData: "0x1", totSize: 4 }],
      ["PUT", `tags/${b}`, { name: taken }],
      ["POST", "tags/upsize", { upsizeTagName: taken, upsizeTagCreator: "USER_PIP" }],
      ["POST", "tags/arithmetics", { tagId1: b, tagId2: made.tagId, operation: "UNION", newTagName: taken }],
    ];
    for (const [method, at, body] of ways) expect(await server.refusal(method, `${made.path}/${at}`, { body })).toMatchObject({ status: 409, code: "TAG_NAME_EXISTS" });
    const body = { name: "wanted by many", prevTagId: made.tagId, bitMaskData: "0x1", totSize: 4 };
    const replies = await Promise.all(Array.from({ length: 10 }, () => server.request("POST", `${made.path}/tags`, { body })));
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1);
    await addTag(server, await scene(server, 1), "second", [0]);
  });

  test("renaming: not the initial tag, and a tag may keep its name", async () => {
    const made = await scene(server, 3);
    const id = await addTag(server, made, "before", [0]);
    expect(await touches(server, made.path, () => server.call("PUT", `${made.path}/tags/${id}`, { body: { name: "after" } }))).toBe(true);
    expect((await server.call<TagData>("GET", `${made.path}/tags/${id}`)).name).toBe("after");
    await server.call("PUT", `${made.path}/tags/${id}`, { body: { name: "after" } });
    expect((await server.refusal("PUT", `${made.path}/tags/${made.tagId}`, { body: { name: "other" } })).status).toBe(400);
  });

  test("only leaves can be deleted, and never the initial tag", async () => {
    const made = await scene(server, 3);
    const parent = await addTag(server, made, "parent", [0, 1]);
    const dependents = [await addTag(server, made, "child", [0], { prevTagId: parent }), await addTag(server, made, "query child", [0], { queryTagId: parent }), await addTag(server, made, "chosen child", [0], { preselectedTagId: parent })];
    expect(await server.refusal("DELETE", `${made.path}/tags/${made.tagId}`)).toMatchObject({ status: 409, code: "TAG_UNDELETABLE_IS_INITIAL" });
    for (const dependent of dependents) {
      expect(await server.refusal("DELETE", `${made.path}/tags/${parent}`)).toMatchObject({ status: 409, code: "TAG_UNDELETABLE_NOT_A_LEAF" });
      await server.call("DELETE", `${made.path}/tags/${dependent}`, { body: {} });
    }
    expect(await touches(server, made.path, () => server.call("DELETE", `${made.path}/tags/${parent}`))).toBe(true);
    expect(await server.refusal("GET", `${made.path}/tags/${parent}`)).toMatchObject({ status: 404, code: "TAG_UNKNOWN" });
    expect((await list(made.path)).map((tag) => tag.name)).toEqual(["initial-tag"]);
  });

  test("arithmetic: three operations, as a mask or as a new tag", async () => {
    const made = await scene(server, 10);
    const a = await addTag(server, made, "tag a", [1, 2, 3, 9]);
    const b = await addTag(server, made, "tag b", [2, 3, 4]);
    for (const [operation, hex] of [["UNION", "0x21e"], ["INTERSECTION", "0xc"], ["DIFFERENCE", "0x202"]] as const) {
      const body = { tagId1: a, tagId2: b, operation };
      for (const at of ["arithmetics", "arithmetics/bitmask"]) expect(await server.call("POST", `${made.path}/tags/${at}`, { body })).toEqual({ bitMaskData: hex });
    }
    // No tag comes of the mask form, even with a name.
    await server.call("POST", `${made.path}/tags/arithmetics/bitmask`, { body: { tagId1: a, tagId2: b, operation: "UNION", newTagName: "not made" } });
    expect(await list(made.path)).toHaveLength(3);
    const { id } = await server.call<{ id: string }>("POST", `${made.path}/tags/arithmetics`, { body: { tagId1: a, tagId2: b, operation: "DIFFERENCE", newTagName: "tag c", creator: "USER_WEBAPP" } });
    expect(await server.call("GET", `${made.path}/tags/${id}`)).toMatchObject({ name: "tag c", bitMaskData: "0x202", prevTagId: made.tagId, totSize: 10 });
    expect(await server.call("POST", `${made.path}/tags/arithmetics`, { body: { tagId1: a, tagId2: a, operation: "DIFFERENCE", newTagName: null } })).toEqual({ bitMaskData: "0x0" });
    const elsewhere = await scene(server, 1);
    for (const at of ["arithmetics", "arithmetics/bitmask"]) {
      expect(await server.refusal("POST", `${made.path}/tags/${at}`, { body: { tagId1: a, tagId2: elsewhere.tagId, operation: "UNION" } })).toMatchObject({ status: 404, code: "TAG_UNKNOWN" });
      expect((await server.refusal("POST", `${made.path}/tags/${at}`, { body: { tagId1: a, tagId2: b, operation: "XOR" } })).message).toContain(`"operation" must be one of UNION, INTERSECTION, DIFFERENCE`);
    }
  });

  test("upsize: a parentless tag for the samples that are in none yet; all tags learn of the total", async () => {
    const made = await scene(server, 3);
    const child = await addTag(server, made, "child", [0]);
    const upsize = async (name: string) => (await server.call<{ id: string }>("POST", `${made.path}/tags/upsize`, { body: { upsizeTagName: name, upsizeTagCreator: "USER_PIP" } })).id;
    await addSamples(server, made.path, [{ fileName: "new a" }, { fileName: "new b" }]);
    expect(await touches(server, made.path, () => upsize("20260101_10h00m00s"))).toBe(true);
    const tags = await list(made.path);
    expect(tags.map(({ name, bitMaskData, totSize, prevTagId }) => [name, bitMaskData, totSize, prevTagId])).toEqual([
      ["initial-tag", "0x7", 5, null],
      ["child", "0x1", 5, made.tagId],
      ["20260101_10h00m00s", "0x18", 5, null],
    ]);
    // Again with more, and again with nothing: made, and empty.
    await addSamples(server, made.path, [{ fileName: "new c" }]);
    expect(await tagOrdinals(server, made.path, await upsize("20260102_10h00m00s"))).toEqual([5]);
    const empty = await upsize("20260103_10h00m00s");
    expect(await server.call("GET", `${made.path}/tags/${empty}`)).toMatchObject({ bitMaskData: "0x0", totSize: 6, prevTagId: null });
    expect(await tagOrdinals(server, made.path, child)).toEqual([0]);
    // What the user had put into a tag with a parent is still new.
    const [fresh] = await addSamples(server, made.path, [{ fileName: "new d" }]);
    expect(fresh).toBeDefined();
    await addTag(server, { ...made, sampleIds: Array.from({ length: 7 }, () => "") }, "holds the new one", [6]);
    expect(await tagOrdinals(server, made.path, await upsize("20260104_10h00m00s"))).toEqual([6]);
  });

  test("upsize needs an initial tag, a good name and a known creator", async () => {
    const { path } = await scene(server, 1, { tagged: false });
    const body = { upsizeTagName: "20260101", upsizeTagCreator: "USER_PIP" };
    expect(await server.refusal("POST", `${path}/tags/upsize`, { body })).toMatchObject({ status: 400, code: "TAG_NO_TAG_IN_DATASET" });
    for (const field of ["upsizeTagName", "upsizeTagCreator"]) {
      expect((await server.refusal("POST", `${path}/tags/upsize`, { body: { ...body, [field]: "" } })).message).toContain(`"${field}"`);
      expect((await server.refusal("POST", `${path}/tags/upsize`, { body: { ...body, [field]: undefined } })).message).toBe(`"${field}" is missing in the body.`);
    }
  });

  test("an upload may go on while tags are made: the mappings at the time count", async () => {
    const made = await scene(server, 2);
    await addSamples(server, made.path, [{ fileName: "later" }]);
    const id = await addTag(server, { ...made, sampleIds: ["", "", ""] }, "from three", [2]);
    expect((await list(made.path)).map((tag) => tag.totSize)).toEqual([3, 3]);
    expect(await tagOrdinals(server, made.path, id)).toEqual([2]);
  });

  test("tags of other datasets and malformed ids are 404", async () => {
    const { path } = await scene(server, 1);
    const other = await scene(server, 1);
    for (const id of [other.tagId, "0".repeat(24), "zzz", "%00", "A".repeat(24)]) {
      for (const [method, end, body] of [["GET", "", undefined], ["DELETE", "", undefined], ["PUT", "", { name: "new name" }], ["GET", "/filenames", undefined], ["GET", "/scores", undefined], ["GET", "/selection", undefined], ["GET", "/export/zip", undefined], ["GET", "/export/basic/filenames", undefined]] as const) {
        expect(await server.refusal(method, `${path}/tags/${id}${end}`, { body }), `${id}${end}`).toMatchObject({ status: 404, code: "TAG_UNKNOWN" });
      }
    }
  });

  test("a mask of 50,000 bits goes in and out in a moment", async () => {
    const made = await scene(server, 0);
    for (let part = 0; part < 5; part++) await addSamples(server, made.path, Array.from({ length: 10_000 }, (_, i) => ({ fileName: `${part}/${i}` })));
    const bitMaskData = `0x${"5".repeat(12_500)}`;
    const began = performance.now();
    const { id } = await server.call<{ id: string }>("POST", `${made.path}/tags`, { body: { name: "every second", prevTagId: made.tagId, bitMaskData, totSize: 50_000 } });
    expect((await server.call<TagData>("GET", `${made.path}/tags/${id}`)).bitMaskData).toBe(bitMaskData);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await server.call("GET", `${made.path}/tags/${id}/filenames`)).toHaveLength(25_000);
  });
});
