import type { AuditEntry } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, addTag, scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { AuditLog } from "./audit-log.ts";
import { cell } from "./routes.ts";

describeServer("The audit log", (server) => {
  const entries = (query: Record<string, string | number> = {}, token?: string) => server.call<AuditEntry[]>("GET", "/v1/audit", { query, token });

  test("says who did what to what, by which credential, and never a secret", async () => {
    const user = await server.addUser();
    const made = await scene(server, 1);
    await server.call("PUT", `${made.path}/members`, { body: { email: user.email, role: "EDITOR" } });
    const tag = await addTag(server, made, "mine", [0]);
    await server.call("DELETE", `${made.path}/tags/${tag}`, { token: user.token });
    await server.refusal("DELETE", made.path, { token: user.token });
    const { token } = await server.call<{ token: string }>("POST", "/v1/users/me/tokens", { body: { name: "laptop" } });
    const all = await entries({ datasetId: made.id });
    expect(all.map(({ action, status, email }) => [action, status, email])).toEqual([
      ["delete_dataset_by_id", 403, user.email],
      ["delete_tag_by_tag_id", 204, user.email],
      ["create_tag_by_dataset_id", 201, "owner@localhost"],
      ["set_dataset_member", 200, "owner@localhost"],
      ["create_initial_tag_by_dataset_id", 201, "owner@localhost"],
      ["create_samples_by_dataset_id", 201, "owner@localhost"],
      ["create_dataset", 200, "owner@localhost"],
    ]);
    expect(all.find(({ action }) => action === "delete_tag_by_tag_id")).toMatchObject({ target: { tagId: tag }, credential: expect.stringMatching(/^token [0-9a-f]{24}$/), remoteAddress: expect.stringMatching(/127\.0\.0\.1$/), times: 1 });
    expect(all.find(({ action }) => action === "set_dataset_member")).toMatchObject({ target: { email: user.email, role: "EDITOR" } });
    const [created] = await entries({ action: "create_token" });
    expect(created).toMatchObject({ target: { name: "laptop", of: "owner@localhost" } });
    expect(JSON.stringify(await entries())).not.toContain(token);
    expect(JSON.stringify(await entries())).not.toContain(server.ownerToken);
  });

  test("sign-ins and refused ones are there, with their address", async () => {
    await server.request("POST", "/v1/session", { token: null, body: { token: server.ownerToken } });
    await server.request("POST", "/v1/session", { token: null, body: { email: "guessed@example.org", password: "a wrong password" } });
    expect((await entries()).slice(0, 2)).toMatchObject([
      { action: "sign_in_refused", status: 401, target: { email: "guessed@example.org" } },
      { action: "create_session", email: "owner@localhost" },
    ]);
    expect(JSON.stringify(await entries())).not.toContain("a wrong password");
  });

  test("a user sees the own doings, an owner of a dataset all that is done to it, the owner of the installation everything", async () => {
    const [maker, guest, stranger] = [await server.addUser(), await server.addUser(), await server.addUser()];
    const made = await scene(server, 1, { token: maker.token });
    await server.call("PUT", `${made.path}/members`, { token: maker.token, body: { email: guest.email, role: "EDITOR" } });
    await addSamples(server, made.path, [{ fileName: "guest.jpg" }], { token: guest.token });
    const who = async (token: string) => new Set((await entries({ datasetId: made.id }, token)).map(({ email }) => email));
    expect(await who(maker.token)).toEqual(new Set([maker.email, guest.email]));
    expect(await who(guest.token)).toEqual(new Set([guest.email]));
    expect(await who(stranger.token)).toEqual(new Set());
    expect(await who(server.ownerToken)).toEqual(new Set([maker.email, guest.email]));
  });

  test("many files of one second are one entry; pages meet without gap", async () => {
    const made = await scene(server, 0, { tagged: false });
    for (let i = 0; i < 20; i++) await addSamples(server, made.path, [{ fileName: `${i}.jpg` }]);
    const uploads = await entries({ datasetId: made.id, action: "create_samples_by_dataset_id" });
    expect(uploads.reduce((sum, { times }) => sum + times, 0)).toBe(20);
    expect(uploads.length).toBeLessThan(20);
    const all = await entries({ pageSize: 1000 });
    const pages: AuditEntry[] = [];
    for (let before: string | undefined; ; before = pages.at(-1)!.id) {
      const page = await entries({ pageSize: 7, ...(before !== undefined && { before }) });
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(all);
  });

  test("is exported as JSON lines and as CSV, oldest first", async () => {
    const made = await scene(server, 1);
    await addTag(server, made, "=cmd", [0]).catch(() => undefined);
    const file = (format: string) => server.request("GET", "/v1/audit/export", { query: { format, datasetId: made.id } });
    const lines = (await file("JSONL")).bytes.toString("utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as AuditEntry);
    expect(lines).toEqual((await entries({ datasetId: made.id })).toReversed());
    const csv = await file("CSV");
    expect(csv.headers["content-disposition"]).toContain('filename="audit.csv"');
    expect(csv.bytes.toString("utf8").split("\r\n")).toHaveLength(lines.length + 2);
    expect(csv.bytes.toString("utf8")).toMatch(/^time,action,status,email/);
  });

  test("an entry in a transaction is there exactly when its deed is", async () => {
    const made = await scene(server, 1);
    await server.refusal("DELETE", `${made.path}/collaboration/access/${"0".repeat(24)}`);
    expect(await entries({ datasetId: made.id, action: "delete_shared_access_config_by_id" })).toEqual([]);
  });

  test("what can't be written while the disk is full or the database away is written later, once", async () => {
    const db = await server.openDatabase();
    const errors: unknown[] = [];
    let away = true;
    const flaky = new Proxy(db, {
      get(target, name: keyof typeof db) {
        if (name === "insertInto" && away) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        const value: unknown = target[name];
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const log = new AuditLog(flaky, 10, (error) => void errors.push(error));
    const action = "something_while_the_disk_is_full";
    for (let i = 0; i < 700; i++) log.note({ action, remoteAddress: "", target: { i }, recorded: false }, 200);
    await log.flush();
    expect(errors.length).toBeGreaterThan(0);
    expect(await entries({ action })).toEqual([]);
    away = false;
    await log.flush();
    await log.close();
    expect(new Set((await entries({ action, pageSize: 1000 })).map(({ target }) => target!["i"])).size).toBe(700);
    expect(await entries({ action, pageSize: 1000 })).toHaveLength(700);
    await db.destroy();
  });

  test("what is older than it is kept goes", async () => {
    await server.call("GET", "/v1/audit");
    const db = await server.openDatabase();
    try {
      const log = new AuditLog(db, 10, (error) => { throw error; });
      const count = async () => Number((await db.selectFrom("audit_entries").select((e) => e.fn.countAll<number>().as("count")).executeTakeFirstOrThrow()).count);
      const before = await count();
      expect(before).toBeGreaterThan(5);
      // Ids of one moment by another server, whose order is not that of the times.
      const [like] = await db.selectFrom("audit_entries").selectAll().orderBy("at").limit(1).execute();
      await db.insertInto("audit_entries").values([{ ...like!, id: "f".repeat(24), at: like!.at - 1 }]).execute();
      await log.sweep(Date.now() + 9 * 24 * 3_600_000);
      expect(await count()).toBe(before + 1);
      await log.sweep(Date.now() + 11 * 24 * 3_600_000);
      expect(await count()).toBe(0);
    } finally {
      await db.destroy();
    }
  });
});

test("a cell is no formula, and no more than one cell", () => {
  expect(["plain", "=1+1", "@SUM(A1)", "-1", 'a "b", c', "two\r\nlines", ""].map(cell)).toEqual(["plain", "'=1+1", "'@SUM(A1)", "'-1", '"a ""b"", c"', '"two\r\nlines"', ""]);
});
