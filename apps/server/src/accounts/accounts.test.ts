import type { UserData } from "@winnow/contract";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import type { Schema } from "../db/schema.ts";
import { startServer } from "../server.ts";
import { scene, until } from "../testing/scenes.ts";
import { ServerUnderTest, describeServer } from "../testing/server-under-test.ts";
import { createToken, removeUser, revokeToken } from "./service.ts";
import { listTokens, listUsers } from "./store.ts";

describeServer("Accounts", (server) => {
  async function withDatabase<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    const db = await server.openDatabase();
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }
  const me = (options: Parameters<typeof server.call>[2]) => server.request("GET", "/v1/users/me", options);

  test("a token is taken from the query or from the header", async () => {
    const { email, token } = await server.addUser();
    for (const options of [{ token }, { token: null, headers: { authorization: `Bearer ${token}` } }, { token: null, headers: { authorization: `bearer ${token}` } }, { token: "", headers: { authorization: `Bearer ${token}` } }]) {
      expect((await me(options)).body as UserData).toMatchObject({ email });
    }
    expect((await me({ token: null, query: { token: [token, "x"] } })).status).toBe(401);
    for (const authorization of ["", "Bearer", "Bearer ", token, `Basic ${token}`, `Bearer ${token}x`]) expect((await me({ token: null, headers: { authorization } })).status, authorization).toBe(401);
    for (const wrong of ["x", token.slice(1), token.toUpperCase(), "'", "%00", "a".repeat(5000)]) expect((await me({ token: wrong })).status, wrong).toBe(401);
  });

  test("an unusual token travels form-encoded", async () => {
    const other = new ServerUnderTest(server.database, { ownerToken: "a b+c/d=e&f%ü猫" });
    await other.start();
    try {
      expect((await other.request("GET", "/v1/users/me", { token: "a b+c/d=e&f%ü猫" })).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  test("users, tokens: made, listed, revoked, removed while the server runs", async () => {
    const { email, token } = await server.addUser();
    const second = await withDatabase((db) => createToken(db, email.toUpperCase(), "second"));
    expect((await me({ token: second.token })).status).toBe(200);
    await until("noting its use", async () => (await withDatabase((db) => listTokens(db, email))).every((row) => row.lastUsedAt !== null || row.name !== "second"));
    await withDatabase((db) => revokeToken(db, second.id));
    expect((await me({ token: second.token })).status).toBe(401);
    expect((await me({ token })).status).toBe(200);
    await expect(withDatabase((db) => revokeToken(db, second.id))).rejects.toThrow(second.id);
    await expect(server.addUser(email.toUpperCase())).rejects.toThrow("already a user");
    await expect(withDatabase((db) => createToken(db, "nobody@example.org", "x"))).rejects.toThrow("no user");
    await expect(server.addUser("no address")).rejects.toThrow("not a mail address");
    const made = await scene(server, 0, { token });
    await expect(withDatabase((db) => removeUser(db, email))).rejects.toThrow("1 dataset");
    await server.call("DELETE", made.path, { token });
    await until("the removal of the dataset", async () => withDatabase((db) => removeUser(db, email)).then(() => true, () => false));
    expect((await me({ token })).status).toBe(401);
    expect((await withDatabase(listUsers)).map((user) => user.email)).not.toContain(email);
    await expect(withDatabase((db) => removeUser(db, "owner@localhost"))).rejects.toThrow("can't be removed");
  });

  test("no token stands in the data folder in clear", async () => {
    const { token } = await server.addUser();
    await me({ token });
    for (const entry of await readdir(server.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name));
      for (const secret of [token, server.ownerToken]) expect(content.includes(secret), entry.name).toBe(false);
    }
  });

  test("one server at a time works on a data folder", async () => {
    await expect(startServer({ ...server.storeSettings, dataFolder: server.folder, port: 0, logLevel: "silent" })).rejects.toThrow(server.folder);
    expect((await me({})).status).toBe(200);
  });

  test("the owner's token is made once, and the one that was set goes on working", async () => {
    const other = new ServerUnderTest(server.database, { ownerToken: undefined });
    await other.start();
    try {
      await other.stop();
      const again = await startServer({ ...other.storeSettings, dataFolder: other.folder, port: 0, logLevel: "silent" });
      expect(again.newToken).toBeUndefined();
      await again.close();
      const set = await startServer({ ...other.storeSettings, dataFolder: other.folder, port: 0, logLevel: "silent", ownerToken: "a token of my own" });
      expect(set.owner.id).toBe(again.owner.id);
      const reply = await fetch(`${set.url}/v1/users/me?token=a+token+of+my+own`);
      expect(reply.status).toBe(200);
      await set.close();
    } finally {
      await other.close();
    }
  });

  test("health, readiness, description and start page need no token", async () => {
    expect((await server.send("GET", "/healthz", { token: null })).body).toEqual({ status: "ok" });
    expect((await server.send("GET", "/readyz", { token: null })).body).toEqual({ status: "ready" });
    expect((await server.send("GET", "/openapi.json", { token: null })).body).toMatchObject({ openapi: "3.1.0" });
    expect((await server.send("GET", "/", { token: null })).headers["content-type"]).toContain("text/html");
    for (const path of ["/v1/versions/pip/latest?currentVersion=1.2.24", "/v1/versions/pip/minimum"]) expect(await server.call("GET", path, { token: null })).toBe(path.includes("latest") ? "1.2.47" : "1.1.0");
  });
});
