import type { DatasetData, DatasetDataEnriched } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, addTag, datasetOf, freshName, scene, touches, until } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Datasets", (server) => {
  const names = async (query: Record<string, boolean | number | string> = {}, token?: string) =>
    (await server.call<DatasetData[]>("GET", "/v1/datasets", { query, token })).map((dataset) => dataset.name);

  test("a new dataset has everything that clients read, and the type Images unless one is given", async () => {
    const name = freshName();
    const { id } = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name } });
    const dataset = await datasetOf(server, `/v1/datasets/${id}`);
    expect(dataset).toEqual({ id, name, userId: server.ownerId, type: "Images", nSamples: 0, sizeInBytes: 0, createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) });
    expect(Math.abs(dataset.createdAt - Date.now())).toBeLessThan(60_000);
    for (const type of ["Images", "Videos", "Crops"]) {
      const made = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: freshName(), type, creator: "USER_PIP", imgType: null } });
      expect((await datasetOf(server, `/v1/datasets/${made.id}`)).type).toBe(type);
    }
  });

  test("names follow their pattern, up to 255 characters", async () => {
    for (const [name, told] of [
      ["ab", "at least 3 characters"],
      ["a".repeat(256), "at most 255 characters"],
      ["_starts with a line", "must match"],
      ["has/slash", "must match"],
      ["Grüße", "must match"],
      ["line\nfeed", "must match"],
      ["half \ud800", "must match"],
      [17, "must be a text"],
      [null, "must be a text"],
    ] as const) {
      const { status, code, message } = await server.refusal("POST", "/v1/datasets", { body: { name } });
      expect([status, code], String(name)).toEqual([400, "BAD_REQUEST"]);
      expect(message).toContain(`"name"`);
      expect(message).toContain(told);
    }
    await server.call("POST", "/v1/datasets", { body: { name: "z".repeat(255) } });
    expect((await server.refusal("POST", "/v1/datasets", { body: {} })).message).toBe(`"name" is missing in the body.`);
    expect((await server.refusal("POST", "/v1/datasets", { body: { name: freshName(), type: "Sounds" } })).message).toContain(`"type" must be one of Crops, Images, Videos`);
  });

  test("a name is free once per user, also when many ask for it at the same time", async () => {
    const name = freshName();
    const replies = await Promise.all(Array.from({ length: 12 }, () => server.request("POST", "/v1/datasets", { body: { name } })));
    expect(replies.map((reply) => reply.status).toSorted()).toEqual([201, ...Array.from({ length: 11 }, () => 409)]);
    expect(replies.filter((reply) => reply.status === 409).every((reply) => (reply.body as { code: string }).code === "DATASET_NAME_EXISTS")).toBe(true);
    // Capital letters make another name, and so does another user.
    await server.call("POST", "/v1/datasets", { body: { name: name.toUpperCase() } });
    await server.call("POST", "/v1/datasets", { body: { name }, token: (await server.addUser()).token });
  });

  test("renaming keeps names unique, and a dataset may keep its own", async () => {
    const [a, b] = [await scene(server), await scene(server)];
    const { name } = await datasetOf(server, a.path);
    expect((await server.refusal("PUT", b.path, { body: { name } })).code).toBe("DATASET_NAME_EXISTS");
    await server.call("PUT", a.path, { body: { name } });
    const other = freshName("renamed");
    expect(await touches(server, b.path, () => server.call("PUT", b.path, { body: { name: other } }))).toBe(true);
    expect((await datasetOf(server, b.path)).name).toBe(other);
  });

  test("the list holds one's own in the order of creation, shared=True only what others share", async () => {
    const { email, token } = await server.addUser();
    expect(await names({ shared: false }, token)).toEqual([]);
    const first = freshName("a list");
    const second = freshName("a list");
    for (const name of [first, second]) await scene(server, 0, { name, token });
    const { id, path } = await scene(server, 0, { name: freshName("a list") });
    await server.call("POST", `${path}/collaboration/access`, { body: { accessType: "WRITE", users: [email] } });
    for (const shared of ["False", "false", "FALSE", undefined]) {
      const query: Record<string, string> = shared === undefined ? {} : { shared };
      expect(await names(query, token)).toEqual([first, second]);
    }
    const shared = await server.call<DatasetData[]>("GET", "/v1/datasets", { query: { shared: "True" }, token });
    expect(shared.map((dataset) => dataset.id)).toEqual([id]);
    expect(shared[0]).toMatchObject({ accessType: "WRITE", userId: server.ownerId });
    expect(await names({ pageSize: 1 }, token)).toEqual([first]);
    expect(await names({ pageSize: 1, pageOffset: 1 }, token)).toEqual([second]);
    expect(await names({ pageSize: 5, pageOffset: 2 }, token)).toEqual([]);
    expect(await names({ pageOffset: 1 }, token)).toEqual([second]);
  });

  test("numbers and booleans of the query are checked, with the name of the parameter", async () => {
    for (const [query, field] of [
      [{ shared: "maybe" }, "shared"],
      [{ shared: "" }, "shared"],
      [{ pageSize: 0 }, "pageSize"],
      [{ pageSize: "ten" }, "pageSize"],
      [{ pageSize: 1.5 }, "pageSize"],
      [{ pageOffset: -1 }, "pageOffset"],
      [{ pageSize: ["1", "2"] }, "pageSize"],
    ] as const) {
      const { status, message } = await server.refusal("GET", "/v1/datasets", { query });
      expect(status).toBe(400);
      expect(message).toContain(`"${field}"`);
    }
    // No page begins there, however large the number.
    for (const pageOffset of ["99999999999999999999", "9007199254740993", "1".repeat(300)]) expect(await names({ pageOffset, pageSize: "99999999999999999999" })).toEqual([]);
  });

  test("datasets are found by name, whole or in part", async () => {
    const { token } = await server.addUser();
    for (const name of ["Alpha one", "alpha", "beta-alpha"]) await scene(server, 0, { name, token });
    const found = async (name: string, query = {}) => (await server.call<DatasetData[]>("GET", `/v1/datasets/query/name/${name}`, { token, query })).map((dataset) => dataset.name);
    expect(await found("alpha", { exact: "True" })).toEqual(["alpha"]);
    expect(await found("alpha", { exact: "False" })).toEqual(["Alpha one", "alpha", "beta-alpha"]);
    expect(await found("Alpha%20one", { exact: true })).toEqual(["Alpha one"]);
    expect(await found("alpha", { pageSize: 1, pageOffset: 1 })).toEqual(["alpha"]);
    expect(await found("%25", {})).toEqual([]);
    expect(await found("_", {})).toEqual([]);
    expect(await found("%00")).toEqual([]);
    expect((await server.call<DatasetDataEnriched[]>("GET", "/v1/datasets/enriched/query/name/beta", { token })).map((dataset) => dataset.name)).toEqual(["beta-alpha"]);
    expect(await found("alpha", { shared: "True" })).toEqual([]);
  });

  test("the enriched form counts tags and complete embeddings and shows a few samples", async () => {
    const { token } = await server.addUser();
    const made = await scene(server, 6, { token });
    await server.call("GET", `${made.path}/embeddings/writeCSVUrl`, { token });
    const [enriched] = await server.call<DatasetDataEnriched[]>("GET", "/v1/datasets/enriched", { token });
    expect(enriched).toMatchObject({ id: made.id, nSamples: 6, nTags: 1, nEmbeddings: 0, imgType: "full", samples: made.sampleIds.slice(0, 4) });
    expect(await server.call("GET", "/v1/datasets/enriched", { token, query: { limit: 0 } })).toEqual([]);
    await scene(server, 0, { token });
    expect(await server.call("GET", "/v1/datasets/enriched", { token, query: { limit: 1 } })).toHaveLength(1);
    expect(await server.call("GET", "/v1/datasets/enriched", { token, query: { shared: true } })).toEqual([]);
  });

  test("crop datasets are children of the one they were made from", async () => {
    const parent = await scene(server);
    const child = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: freshName(), type: "Crops", parentDatasetId: parent.id } });
    const children = await server.call<DatasetData[]>("GET", `${parent.path}/children`);
    expect(children.map(({ id, parentDatasetId }) => [id, parentDatasetId])).toEqual([[child.id, parent.id]]);
    const stranger = await server.addUser();
    expect(await server.refusal("POST", "/v1/datasets", { token: stranger.token, body: { name: freshName(), parentDatasetId: parent.id } })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
    expect((await server.refusal("POST", "/v1/datasets", { body: { name: freshName(), parentDatasetId: "nothing" } })).message).toContain(`"parentDatasetId"`);
    // Without force the child stays, on its own.
    await server.call("DELETE", parent.path, { body: {} });
    expect((await datasetOf(server, `/v1/datasets/${child.id}`)).parentDatasetId).toBeUndefined();
    const second = await scene(server);
    const grandchild = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: freshName(), parentDatasetId: second.id } });
    await server.call("DELETE", second.path, { query: { force: "True" } });
    expect((await server.refusal("GET", `/v1/datasets/${grandchild.id}`)).status).toBe(404);
  });

  test("an upload is announced with its progress", async () => {
    const { path } = await scene(server);
    const body = { total: 10, processed: 3, uploadMethod: "USER_PIP", isRegistered: true };
    expect(await touches(server, path, () => server.call("PUT", `${path}/registerDatasetUpload`, { body }))).toBe(true);
    expect((await server.refusal("PUT", `${path}/registerDatasetUpload`, { body: { total: "10", processed: 3 } })).message).toBe(`"total" must be a whole number, got "10".`);
    expect((await server.refusal("PUT", `${path}/registerDatasetUpload`, { body: { total: 10 } })).message).toBe(`"processed" is missing in the body.`);
  });

  test("deleting takes everything at once: the dataset, its parts, its signed addresses, its name", async () => {
    const made = await scene(server, 3);
    const { name } = await datasetOf(server, made.path);
    const sample = `${made.path}/samples/${made.sampleIds[0]}`;
    const write = await server.call<string>("GET", `${sample}/writeurl`, { query: { isThumbnail: "False" } });
    await server.open(write, { method: "PUT", raw: "an image" });
    const read = await server.call<string>("GET", `${sample}/readurl`);
    const zip = await server.call<string>("GET", `${made.path}/tags/${made.tagId}/export/zip`, { headers: { accept: "application/json" } });
    const [task] = await server.call<{ imageUrl: string }[]>("GET", `${made.path}/tags/${made.tagId}/export/LabelBox/datarows`);
    for (const address of [read, zip]) expect((await server.open(address)).status).toBe(200);
    expect((await server.open(task!.imageUrl)).status).toBe(302);

    const deleted = await server.request("DELETE", made.path, { body: {} });
    expect(deleted.status).toBe(204);
    for (const path of [made.path, sample, `${made.path}/tags`, `${made.path}/mappings`, `${made.path}/embeddings`]) {
      expect(await server.refusal("GET", path, { query: { field: "_id" } })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
    }
    for (const address of [read, zip, task!.imageUrl]) expect((await server.open(address)).status).toBe(404);
    expect((await server.open(write, { method: "PUT", raw: "another image" })).status).toBe(404);
    expect(await names()).not.toContain(name);
    expect((await server.refusal("DELETE", made.path)).status).toBe(404);
    const again = await scene(server, 2, { name });
    expect(again.id).not.toBe(made.id);
    expect((await server.call<unknown[]>("GET", `${again.path}/tags`)).length).toBe(1);
  });

  test("rows and files of a deleted dataset go, whatever their number", async () => {
    const made = await scene(server, 50);
    for (const sampleId of made.sampleIds.slice(0, 5)) {
      const write = await server.call<string>("GET", `${made.path}/samples/${sampleId}/writeurl`, { query: { isThumbnail: true } });
      await server.open(write, { method: "PUT", raw: "a thumbnail" });
    }
    await addTag(server, made, "some of them", [1, 2]);
    const files = async () => (await server.files()).filter((name) => name.startsWith(`datasets/${made.id}/`));
    expect(await files()).toHaveLength(5);
    await server.call("DELETE", made.path);
    await until("the removal of the files", async () => (await files()).length === 0);
  });

  test("no name stands in the way of deleting another dataset", async () => {
    const doomed = await scene(server);
    await scene(server, 0, { name: `deleted ${doomed.id}` });
    await server.call("DELETE", doomed.path);
    expect((await server.refusal("GET", doomed.path)).status).toBe(404);
    const next = await scene(server);
    await server.call("DELETE", next.path);
    await scene(server, 0, { name: `deleted ${next.id}` });
  });

  test("unknown, foreign and malformed ids are all the same 404", async () => {
    const stranger = await server.addUser();
    const foreign = await scene(server, 0, { token: stranger.token });
    for (const id of [foreign.id, "0".repeat(24), "F".repeat(24), "abc", "a".repeat(900), "%00", "..%2f..", "%F0%9F%90%88", "null", "undefined", "1e3", "'--"]) {
      for (const [method, body] of [["GET", undefined], ["PUT", { name: freshName() }], ["DELETE", undefined]] as const) {
        expect(await server.refusal(method, `/v1/datasets/${id}`, { body }), id).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
      }
    }
  });

  test("samples that come move the time of change, the count and the size", async () => {
    const { path } = await scene(server);
    expect(await touches(server, path, () => addSamples(server, path, [{ fileName: "a.jpg", metaData: { sizeInBytes: 100 } }, { fileName: "b.jpg", metaData: { sizeInBytes: 20 } }]))).toBe(true);
    expect(await datasetOf(server, path)).toMatchObject({ nSamples: 2, sizeInBytes: 120 });
  });

  test("times of change differ even when changes follow each other at once", async () => {
    const { path } = await scene(server);
    const times = new Set<number>();
    for (let i = 0; i < 20; i++) {
      await server.call("PUT", path, { body: { name: freshName() } });
      times.add((await datasetOf(server, path)).lastModifiedAt);
    }
    expect(times.size).toBe(20);
  });
});
