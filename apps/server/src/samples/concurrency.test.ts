import type { TagData } from "@winnow/contract";
import { Agent } from "node:http";
import { expect, test } from "vitest";
import { datasetOf, ordinalsOf, scene } from "../testing/scenes.ts";
import { describeServer, type RequestOptions } from "../testing/server-under-test.ts";

describeServer("Side by side", (server) => {
  test("16 parallel uploads from two clients, some of the same names: dense ordinals, no name twice, nothing lost", async () => {
    const second = await server.addUser();
    const made = await scene(server, 0);
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [second.email] } });
    const clients = [server.ownerToken, second.token].map((token) => ({ token, agent: new Agent({ keepAlive: true, maxSockets: 8 }) }));
    const perUpload = 40;
    const acknowledged = new Map<string, Set<string>>();
    // Upload u has names u × 20 … u × 20 + 39: each name but the outermost comes from two uploads.
    await Promise.all(
      Array.from({ length: 16 }, async (_, upload) => {
        const options: RequestOptions = clients[upload % 2]!;
        for (let i = 0; i < perUpload; i++) {
          const fileName = `${upload * (perUpload / 2) + i}.jpg`;
          const { id } = await server.call<{ id: string }>("POST", `${made.path}/samples`, { ...options, body: { fileName } });
          acknowledged.set(fileName, (acknowledged.get(fileName) ?? new Set()).add(id));
          if (i % 10 === 0) {
            const { thumb } = await server.call<{ thumb: string }>("GET", `${made.path}/samples/${id}/writeurls`, options);
            expect((await server.open(thumb, { method: "PUT", raw: fileName, agent: options.agent })).status).toBe(200);
          }
          if (i % 20 === 19) await server.request("POST", `${made.path}/tags/upsize`, { ...options, body: { upsizeTagName: `upload ${upload} ${i}`, upsizeTagCreator: "USER_PIP" } });
        }
      }),
    );
    for (const { agent } of clients) agent.destroy();
    const names = await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "fileName" } });
    const ids = await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "_id" } });
    expect(acknowledged.size).toBe(15 * 20 + perUpload);
    expect(names.toSorted()).toEqual([...acknowledged.keys()].toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    for (const [i, name] of names.entries()) expect([...acknowledged.get(name)!]).toEqual([ids[i]]);
    const samples = await server.call<{ id: string; index: number }[]>("GET", `${made.path}/samples`);
    expect(samples.map(({ id, index }) => [id, index])).toEqual(ids.map((id, i) => [id, i]));
    expect((await datasetOf(server, made.path)).nSamples).toBe(names.length);
    // Every upsize took exactly what no one before it had.
    const tags = await server.call<TagData[]>("GET", `${made.path}/tags`);
    const members = tags.flatMap((tag) => ordinalsOf(tag.bitMaskData));
    expect(new Set(members).size).toBe(members.length);
  });

  test("a reader of the mappings sees a beginning of the order, whatever comes meanwhile", async () => {
    const made = await scene(server, 200);
    const seen: [string[], string[]][] = [];
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await server.call("POST", `${made.path}/samples/bulk`, { body: { samples: Array.from({ length: 50 }, (_, j) => ({ fileName: `more ${i} ${j}` })) } });
    })();
    for (let i = 0; i < 10; i++) {
      seen.push([await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "fileName" } }), await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "_id" } })]);
    }
    await writing;
    const all = [await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "fileName" } }), await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "_id" } })];
    for (const pair of seen) for (const [field, list] of pair.entries()) expect(list).toEqual(all[field]!.slice(0, list.length));
  });
});
