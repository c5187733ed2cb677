import type { DatasetData, DatasetMember, TeamData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, addTag, scene, type Scene } from "../testing/scenes.ts";
import { describeServer, type Account } from "../testing/server-under-test.ts";

describeServer("Members and teams", (server) => {
  const give = ({ path }: Scene, member: object, options: { token?: string } = {}) => server.call<{ id: string }>("PUT", `${path}/members`, { ...options, body: member });
  const members = ({ path }: Scene) => server.call<DatasetMember[]>("GET", `${path}/members`);
  const mayRead = async ({ path }: Scene, { token }: Account) => (await server.request("GET", path, { token })).status;
  const mayWrite = async ({ path }: Scene, { token }: Account) => (await server.request("PUT", `${path}/registerDatasetUpload`, { token, body: { total: 1, processed: 1 } })).status;
  const mayOwn = async ({ path }: Scene, { token }: Account) => (await server.request("PUT", `${path}/members`, { token, body: { email: "later@example.org", role: "VIEWER" } })).status;

  test("each role does what it says, and a new one takes the place of the earlier", async () => {
    const made = await scene(server, 1);
    const user = await server.addUser();
    const { id } = await give(made, { email: user.email.toUpperCase(), role: "VIEWER" });
    expect([await mayRead(made, user), await mayWrite(made, user), await mayOwn(made, user)]).toEqual([200, 403, 403]);
    expect(await server.refusal("POST", `${made.path}/samples`, { token: user.token, body: { fileName: "x.jpg" } })).toMatchObject({ code: "FORBIDDEN", message: expect.stringContaining("you are its viewer") });
    expect(await give(made, { email: user.email, role: "EDITOR" })).toEqual({ id });
    expect([await mayRead(made, user), await mayWrite(made, user), await mayOwn(made, user)]).toEqual([200, 204, 403]);
    expect(await give(made, { email: user.email, role: "OWNER" })).toEqual({ id });
    expect([await mayRead(made, user), await mayWrite(made, user), await mayOwn(made, user)]).toEqual([200, 204, 200]);
    await server.call("DELETE", `${made.path}/members/${id}`);
    expect(await mayRead(made, user)).toBe(404);
    expect(await server.refusal("DELETE", `${made.path}/members/${id}`)).toMatchObject({ status: 404, code: "ACCESS_CONTROL_UNKNOWN" });
  });

  test("an owner by membership deletes the dataset", async () => {
    const made = await scene(server, 1);
    const user = await server.addUser();
    await give(made, { email: user.email, role: "OWNER" });
    await server.call("DELETE", made.path, { token: user.token });
    expect((await server.refusal("GET", made.path)).status).toBe(404);
  });

  test("the best of several roles counts, and all are listed", async () => {
    const made = await scene(server, 1);
    const user = await server.addUser();
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [user.email] } });
    const { id } = await give(made, { email: user.email, role: "VIEWER" });
    expect(await mayWrite(made, user)).toBe(204);
    expect(await members(made)).toEqual([
      { role: "OWNER", source: "CREATED", email: "owner@localhost" },
      { role: "EDITOR", source: "SHARED", email: user.email },
      { id, role: "VIEWER", source: "MEMBER", email: user.email },
    ]);
  });

  test("who is in a team has its role; leaving the team or deleting it ends that", async () => {
    const made = await scene(server, 1);
    const [one, two] = [await server.addUser(), await server.addUser()];
    const people = (...accounts: Account[]) => [{ email: "owner@localhost", isAdmin: true }, ...accounts.map(({ email }) => ({ email }))];
    const { id: teamId } = await server.call<{ id: string }>("POST", "/v1/teams", { body: { name: "Labellers", members: people(one) } });
    const { id } = await give(made, { teamId, role: "EDITOR" });
    expect(await members(made)).toContainEqual({ id, role: "EDITOR", source: "MEMBER", teamId, teamName: "Labellers" });
    expect([await mayWrite(made, one), await mayWrite(made, two)]).toEqual([204, 404]);
    const list = async ({ token }: Account) => (await server.call<DatasetData[]>("GET", "/v1/datasets", { token, query: { shared: true } })).map((dataset) => dataset.id);
    expect([await list(one), await list(two)]).toEqual([[made.id], []]);
    await server.call("PUT", `/v1/teams/${teamId}`, { body: { name: "Labellers", members: people(two) } });
    expect([await mayWrite(made, one), await mayWrite(made, two)]).toEqual([404, 204]);
    expect(await server.call<TeamData[]>("GET", "/v1/teams", { token: two.token })).toMatchObject([{ id: teamId, name: "Labellers", members: [{ email: "owner@localhost", isAdmin: true }, { email: two.email, isAdmin: false }] }]);
    expect(await server.refusal("PUT", `/v1/teams/${teamId}`, { token: two.token, body: { name: "Mine", members: [{ email: two.email, isAdmin: true }] } })).toMatchObject({ status: 403 });
    await server.call("DELETE", `/v1/teams/${teamId}`);
    expect(await mayRead(made, two)).toBe(404);
    expect(await members(made)).toHaveLength(1);
  });

  test("what is wrong is said", async () => {
    const made = await scene(server, 1);
    const outsider = await server.addUser();
    const { id: teamId } = await server.call<{ id: string }>("POST", "/v1/teams", { token: outsider.token, body: { name: "Others", members: [{ email: "x@example.org" }] } });
    for (const [body, told] of [
      [{ role: "VIEWER" }, "give one of both"],
      [{ email: "a@b.c", teamId, role: "VIEWER" }, "give one of both"],
      [{ email: "nobody", role: "VIEWER" }, "not a mail address"],
      [{ email: "a@b.c", role: "ADMIN" }, `"role" must be one of`],
      [{ teamId, role: "VIEWER" }, "no team"],
      [{ teamId: "0".repeat(24), role: "VIEWER" }, "no team"],
    ] as const) expect((await server.refusal("PUT", `${made.path}/members`, { body })).message, JSON.stringify(body)).toContain(told);
    for (const [body, told] of [
      [{ name: "", members: [{ email: "a@b.c" }] }, `"name"`],
      [{ name: "t", members: [] }, `"members"`],
      [{ name: "t", members: [{ email: "nobody" }] }, "not a mail address"],
      [{ name: "t\0", members: [{ email: "a@b.c" }] }, `"name"`],
    ] as const) expect((await server.refusal("POST", "/v1/teams", { body })).message, JSON.stringify(body)).toContain(told);
    const { id } = await server.call<{ id: string }>("POST", "/v1/teams", { body: { name: "t", members: [{ email: "a@b.c" }] } });
    expect((await server.refusal("PUT", `/v1/teams/${id}`, { body: { name: "t", members: [{ email: "owner@localhost" }] } })).message).toContain("must hold an admin");
  });

  test("a token bound to a dataset sees, lists and changes nothing else", async () => {
    const [made, other] = [await scene(server, 2), await scene(server, 2)];
    const { token } = await server.call<{ token: string }>("POST", "/v1/users/me/tokens", { body: { name: "bound", datasetIds: [made.id] } });
    expect((await server.call<DatasetData[]>("GET", "/v1/datasets", { token })).map(({ id }) => id)).toEqual([made.id]);
    expect((await server.call<DatasetData[]>("GET", "/v1/datasets/enriched", { token })).map(({ id }) => id)).toEqual([made.id]);
    await addSamples(server, made.path, [{ fileName: "more.jpg" }], { token });
    for (const [method, path] of [["GET", other.path], ["GET", `${other.path}/tags`], ["DELETE", other.path]] as const) expect(await server.refusal(method, path, { token })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
    for (const [method, path, body] of [
      ["POST", "/v1/datasets", { name: "a new one" }],
      ["POST", "/v1/users/me/tokens", { name: "wider" }],
      ["PUT", "/v1/users/me/password", { password: "a good long password" }],
      ["GET", "/v1/docker/runs", undefined],
    ] as const) expect(await server.refusal(method, path, { token, body })).toMatchObject({ status: 403, code: "FORBIDDEN" });
    const tag = await addTag(server, other, "theirs", [0]);
    const { jobId } = await server.call<{ jobId: string }>("POST", `${other.path}/embeddings/${await embedded(other)}/sampling`, { body: { newTagName: "random", method: "RANDOM", config: { stoppingCondition: { nSamples: 1 } }, queryTagId: tag } });
    expect(await server.refusal("GET", `/v1/jobs/${jobId}`, { token })).toMatchObject({ code: "JOB_UNKNOWN" });
    expect(await server.call("GET", "/v1/jobs", { token })).toEqual([]);
  });

  async function embedded({ path, fileNames }: Scene): Promise<string> {
    const { signedWriteUrl, embeddingId } = await server.call<{ signedWriteUrl: string; embeddingId: string }>("GET", `${path}/embeddings/writeCSVUrl`, { query: { name: "default" } });
    await server.open(signedWriteUrl, { method: "PUT", raw: `filenames,embedding_0,labels\n${fileNames.map((name, i) => `${name},${i},0`).join("\n")}` });
    return embeddingId;
  }
});
