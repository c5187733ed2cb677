import type { DatasetData, SharedAccessConfigData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, scene, touches } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Sharing", (server) => {
  const share = (path: string, users: readonly string[] | null, more: object = {}) => server.call<{ id: string }>("POST", `${path}/collaboration/access`, { body: { accessType: "WRITE", users, ...more } });
  const shares = (path: string, token?: string) => server.call<SharedAccessConfigData[]>("GET", `${path}/collaboration/access`, { token });

  test("a shared dataset is seen and changed by the other user, but not deleted or shared on", async () => {
    const { email, token } = await server.addUser();
    const made = await scene(server, 1);
    expect((await server.refusal("GET", made.path, { token })).status).toBe(404);
    let id = "";
    expect(await touches(server, made.path, async () => ({ id } = await share(made.path, [email], { creator: "USER_PIP" })))).toBe(true);
    expect(await shares(made.path, token)).toEqual([{ id, owner: server.ownerId, accessType: "WRITE", users: [email], organizations: [], createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) }]);
    expect(await server.call<DatasetData>("GET", made.path, { token })).toMatchObject({ accessType: "WRITE", userId: server.ownerId });
    await addSamples(server, made.path, [{ fileName: "theirs.jpg" }], { token });
    await server.call("PUT", made.path, { token, body: { name: "renamed by another user" } });
    expect(await server.refusal("DELETE", made.path, { token })).toMatchObject({ status: 403, code: "FORBIDDEN" });
    for (const [method, at, body] of [["POST", "", { accessType: "WRITE", users: [email] }], ["DELETE", `/${id}`, {}]] as const) {
      expect(await server.refusal(method, `${made.path}/collaboration/access${at}`, { token, body })).toMatchObject({ status: 403, code: "FORBIDDEN" });
    }
  });

  test("the list given replaces the earlier one, under the same id", async () => {
    const [a, b] = [await server.addUser(), await server.addUser()];
    const { path } = await scene(server);
    const { id } = await share(path, [a.email]);
    expect(await share(path, [b.email, b.email.toUpperCase(), ` ${b.email} `])).toEqual({ id });
    expect((await shares(path))[0]!.users).toEqual([b.email]);
    expect((await server.refusal("GET", path, { token: a.token })).status).toBe(404);
    await server.call("GET", path, { token: b.token });
    for (const none of [[], null]) {
      await share(path, none);
      expect((await shares(path))[0]!.users).toEqual([]);
      expect((await server.refusal("GET", path, { token: b.token })).status).toBe(404);
    }
  });

  test("the end of sharing counts at once, for lists and for addresses of the dataset", async () => {
    const { email, token } = await server.addUser();
    const { path } = await scene(server);
    const { id } = await share(path, [email]);
    const listed = () => server.call<DatasetData[]>("GET", "/v1/datasets", { token, query: { shared: "True" } });
    expect(await listed()).toHaveLength(1);
    expect(await touches(server, path, () => server.call("DELETE", `${path}/collaboration/access/${id}`, { body: {} }))).toBe(true);
    expect(await listed()).toEqual([]);
    expect(await shares(path)).toEqual([]);
    expect((await server.refusal("GET", path, { token })).status).toBe(404);
    for (const gone of [id, "0".repeat(24), "x"]) expect(await server.refusal("DELETE", `${path}/collaboration/access/${gone}`)).toMatchObject({ status: 404, code: "ACCESS_CONTROL_UNKNOWN" });
  });

  test("an address may be shared with before it has a user", async () => {
    const { path } = await scene(server);
    await share(path, ["Later@Example.org"]);
    const { token } = await server.addUser("later@example.org");
    await server.call("GET", path, { token });
  });

  test("who is no user by mail address is refused", async () => {
    const { path } = await scene(server);
    for (const users of [["nobody"], ["a@b@c"], ["a b@c"], [""], ["a@b,c@d"], ["a\0@b.c"], ["\ud800@b.c"], [`${"a".repeat(251)}@b.c`]]) expect((await server.refusal("POST", `${path}/collaboration/access`, { body: { accessType: "WRITE", users } })).status, users[0]).toBe(400);
    for (const [body, told] of [
      [{ accessType: "READ", users: [] }, `"accessType" must be one of WRITE`],
      [{ accessType: "WRITE", users: "a@b.c" }, `"users" must be a list`],
      [{ accessType: "WRITE", users: [3] }, `"users[0]" must be a text`],
      [{ accessType: "WRITE", users: [], teams: ["t"] }, "teams"],
      [{ accessType: "WRITE", users: [], organizations: ["o"] }, "organizations"],
    ] as const) expect((await server.refusal("POST", `${path}/collaboration/access`, { body })).message).toContain(told);
    await share(path, [], { teams: [], organizations: null });
    // Very many are refused or stored, but never too many for the database.
    const many = Array.from({ length: 20_000 }, (_, i) => `user-${i}@example.org`);
    const reply = await server.request("POST", `${path}/collaboration/access`, { body: { accessType: "WRITE", users: many } });
    expect(reply.status).toBe(400);
    await share(path, many.slice(0, 1_000));
    expect((await shares(path))[0]!.users).toHaveLength(1_000);
  });
});
