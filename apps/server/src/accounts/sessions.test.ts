import { expect, test } from "vitest";
import { Attempts } from "./attempts.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("sessions", (server) => {
  const request = (method: string, path: string, options: { cookie?: string; body?: unknown; app?: boolean; token?: string } = {}) =>
    fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(options.app === false ? {} : { "x-winnow-app": "1" }),
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  const signIn = async (body: unknown) => {
    const response = await request("POST", "/v1/session", { body });
    const header = response.headers.get("set-cookie") ?? "";
    return { response, header, cookie: header.split(";")[0]! };
  };

  test("a token begins a session that scripts and other sites can't use", async () => {
    const { response, header, cookie } = await signIn({ token: server.ownerToken });
    expect(response.status).toBe(201);
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Strict/);
    expect(header).not.toMatch(/Secure/);
    expect(header).not.toContain(server.ownerToken);
    const me = await request("GET", "/v1/users/me", { cookie, app: false });
    expect(me.status).toBe(200);
    expect(await me.json()).toMatchObject({ email: "owner@localhost" });
  });

  test("what changes something needs a header that other sites can't send", async () => {
    const { cookie } = await signIn({ token: server.ownerToken });
    const body = { name: "by cookie" };
    expect((await request("POST", "/v1/datasets", { cookie, body, app: false })).status).toBe(403);
    expect((await request("POST", "/v1/datasets", { cookie, body })).status).toBe(201);
  });

  test("a form of another site can't sign a browser in as somebody else", async () => {
    for (const [headers, status] of [[{ origin: "https://evil.example" }, 403], [{ origin: "null" }, 403], [{}, 201], [{ origin: server.url, "x-winnow-app": "1" }, 201]] as const) {
      const response = await server.send("POST", "/v1/session", { token: null, raw: JSON.stringify({ token: server.ownerToken }), headers: { "content-type": "text/plain", ...headers } });
      expect([headers, response.status]).toEqual([headers, status]);
      if (status === 403) expect(response.headers["set-cookie"]).toBeUndefined();
    }
  });

  test("signing out ends the session", async () => {
    const { cookie } = await signIn({ token: server.ownerToken });
    const out = await request("DELETE", "/v1/session", { cookie });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0/);
    expect((await request("GET", "/v1/users/me", { cookie })).status).toBe(401);
  });

  test("a password is set, signs in, and is changed only by who knows it; other sessions end", async () => {
    const first = await signIn({ token: server.ownerToken });
    expect((await request("PUT", "/v1/users/me/password", { cookie: first.cookie, body: { password: "short" } })).status).toBe(400);
    expect((await request("PUT", "/v1/users/me/password", { cookie: first.cookie, body: { password: "a good long password" } })).status).toBe(204);
    const second = await signIn({ email: "Owner@localhost", password: "a good long password" });
    expect(second.response.status).toBe(201);
    expect((await request("PUT", "/v1/users/me/password", { cookie: second.cookie, body: { password: "another good one" } })).status).toBe(403);
    const changed = await request("PUT", "/v1/users/me/password", { cookie: second.cookie, body: { password: "another good one", currentPassword: "a good long password" } });
    expect(changed.status).toBe(204);
    expect((await request("GET", "/v1/users/me", { cookie: first.cookie })).status).toBe(401);
    expect((await request("GET", "/v1/users/me", { cookie: second.cookie })).status).toBe(200);
    expect((await signIn({ email: "owner@localhost", password: "a good long password" })).response.status).toBe(401);
  });

  test("who keeps guessing has to wait", async () => {
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push((await signIn({ email: "nobody@localhost", password: `guess ${i}` })).response);
    expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(401));
    expect(answers[11]!.status).toBe(429);
    expect(Number(answers[11]!.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("tokens are made, listed without themselves, and revoked", async () => {
    const made = (await (await request("POST", "/v1/users/me/tokens", { token: server.ownerToken, body: { name: "laptop" } })).json()) as { id: string; token: string };
    const list = (await (await request("GET", "/v1/users/me/tokens", { token: made.token })).json()) as { id: string; name: string }[];
    expect(list.find(({ id }) => id === made.id)).toMatchObject({ name: "laptop" });
    expect(JSON.stringify(list)).not.toContain(made.token);
    expect((await request("DELETE", `/v1/users/me/tokens/${made.id}`, { token: server.ownerToken })).status).toBe(204);
    expect((await request("GET", "/v1/users/me", { token: made.token })).status).toBe(401);
    expect((await request("DELETE", `/v1/users/me/tokens/${made.id}`, { token: server.ownerToken })).status).toBe(404);
  });

  test.each([{}, { token: "a", email: "b@c" , password: "d" }, { email: "a@b" }, { token: 5 }, { token: "" }])("refuses %j", async (body) => {
    expect((await signIn(body)).response.status).toBe(400);
  });
});

test("attempts count again after a minute", () => {
  let now = 0;
  const attempts = new Attempts(() => now);
  for (let i = 0; i < 10; i++) attempts.failed(["a"]);
  expect(() => attempts.check(["a"])).toThrow(/60 seconds/);
  expect(() => attempts.check(["b"])).not.toThrow();
  now = 60_001;
  expect(() => attempts.check(["a"])).not.toThrow();
});
