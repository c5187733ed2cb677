import type { TokenData } from "@winnow/contract";
import { expect, test } from "vitest";
import { scene, until } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Tokens that do less", (server) => {
  const make = (body: object, token?: string) => server.call<{ id: string; token: string }>("POST", "/v1/users/me/tokens", { body, token });
  const status = async (token: string) => (await server.request("GET", "/v1/users/me", { token })).status;
  const signIn = async (token: string) => {
    const { headers, status } = await server.request("POST", "/v1/session", { token: null, body: { token } });
    return { status, cookie: String(headers["set-cookie"]).split(";")[0]! };
  };
  const bySession = async (cookie: string, method = "GET", path = "/v1/users/me", body?: unknown) => (await server.request(method, path, { token: null, body, headers: { cookie, "x-winnow-app": "1" } })).status;

  test("a token ends when it was said to, and with it its sessions", async () => {
    const { id, token } = await make({ name: "short", expiresAt: Date.now() + 4_000 });
    const { cookie } = await signIn(token);
    expect([await status(token), await bySession(cookie)]).toEqual([200, 200]);
    expect((await server.call<TokenData[]>("GET", "/v1/users/me/tokens")).find((one) => one.id === id)?.expiresAt).toBeGreaterThan(Date.now() - 5_000);
    await until("the end of the token", async () => (await status(token)) === 401);
    expect([await status(token), await bySession(cookie)]).toEqual([401, 401]);
    expect((await signIn(token)).status).toBe(401);
    expect((await server.call<TokenData[]>("GET", "/v1/users/me/tokens")).map((one) => one.id)).not.toContain(id);
  });

  test("revoking a token ends the sessions that it began", async () => {
    const { id, token } = await make({ name: "revoked" });
    const { cookie } = await signIn(token);
    expect(await bySession(cookie)).toBe(200);
    await server.call("DELETE", `/v1/users/me/tokens/${id}`);
    expect(await bySession(cookie)).toBe(401);
  });

  test("what a token may not do, its session may not do either", async () => {
    const { token } = await make({ name: "reading", readOnly: true });
    const { cookie } = await signIn(token);
    const made = await scene(server, 1);
    expect([await bySession(cookie, "GET", made.path), await bySession(cookie, "PUT", made.path, { name: "renamed by a reader" }), await bySession(cookie, "POST", "/v1/users/me/tokens", { name: "more" })]).toEqual([200, 403, 403]);
    // Signing out is nothing that has to be allowed.
    expect(await bySession(cookie, "DELETE", "/v1/session")).toBe(204);
    // Addresses to write to are no reading, although they come by GET.
    expect(await server.refusal("GET", `${made.path}/samples/${made.sampleIds[0]}/writeurl`, { token })).toMatchObject({ status: 403, message: expect.stringContaining("only read") });
  });

  test("nothing that ends later comes out of a token that ends", async () => {
    const end = Date.now() + 60_000;
    const { token } = await make({ name: "ends", expiresAt: end });
    for (const expiresAt of [undefined, null, end + 1]) expect(await server.refusal("POST", "/v1/users/me/tokens", { token, body: { name: "longer", expiresAt } })).toMatchObject({ status: 403 });
    expect(await status((await make({ name: "as long", expiresAt: end }, token)).token)).toBe(200);
    expect(await server.refusal("PUT", "/v1/users/me/password", { token, body: { password: "a good long password" } })).toMatchObject({ status: 403 });
  });

  test("what can't be meant is refused", async () => {
    for (const [body, told] of [
      [{ name: "t", expiresAt: 5 }, `"expiresAt" must lie in the future`],
      [{ name: "t", expiresAt: "tomorrow" }, `"expiresAt"`],
      [{ name: "t", expiresAt: 1e300 }, `"expiresAt" must be at most`],
      [{ name: "t", datasetIds: [] }, `"datasetIds"`],
      [{ name: "t", datasetIds: ["x"] }, `"datasetIds[0]"`],
      [{ name: "t", readOnly: "yes" }, `"readOnly"`],
    ] as const) expect((await server.refusal("POST", "/v1/users/me/tokens", { body })).message, JSON.stringify(body)).toContain(told);
  });
});
