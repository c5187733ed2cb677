import { operations } from "@winnow/contract";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer, type RequestOptions } from "../testing/server-under-test.ts";

describeServer("Errors", (server) => {
  /** What a body is refused with. */
  const refused = async (raw: string | Uint8Array, options: RequestOptions = {}) => {
    const { status, code, message } = await server.refusal("POST", "/v1/datasets", { raw, ...options });
    return { status, code, message };
  };

  test("every operation of the contract is served", async () => {
    const { id } = await scene(server, 1);
    for (const operation of operations) {
      if (operation.method === "DELETE") continue;
      const at = operation.path.replace("{datasetId}", id).replaceAll(/\{\w+\}/g, "0".repeat(24));
      const { status, body } = await server.request(operation.method, at, { body: operation.method === "GET" ? undefined : {} });
      expect(status, `${operation.id} ${JSON.stringify(body).slice(0, 200)}`).toBeLessThan(500);
    }
  });

  test("a body that is no JSON is refused, with the reason", async () => {
    for (const raw of ["{", "nonsense", `{"name":}`, `{'name':'x'}`, "undefined", `{"name":"a"} trailing`, `{"name":"a",}`, `"\ud800`, "\u0000", `{NaN: 1}`, `{"a": NaNNaN}`, `{"a":-NaN}`, "[1,2", "+1", "NaN1"]) {
      expect(await refused(raw), raw).toMatchObject({ status: 400, code: "MALFORMED_REQUEST", message: expect.stringContaining("not valid JSON") });
    }
    expect((await refused(new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]))).status).toBe(400);
  });

  test("a body of the wrong kind says what was expected", async () => {
    for (const [raw, got] of [["[]", "[]"], ["null", "null"], ["3", "3"], [`"text"`, `"text"`], ["true", "true"], ["NaN", "must be a finite number"]] as const) {
      const { status, message } = await refused(raw);
      expect([status, message.includes(got)], message).toEqual([400, true]);
    }
    expect(await server.refusal("POST", "/v1/datasets", {})).toMatchObject({ status: 400, message: "This request needs a JSON body." });
    expect(await refused("")).toMatchObject({ status: 400, message: "This request needs a JSON body." });
  });

  test("deep nesting is refused before it is parsed", async () => {
    const nested = (depth: number) => `{"name":"a dataset","x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(await refused(nested(64))).toMatchObject({ status: 400, code: "MALFORMED_REQUEST", message: "The body is nested more than 64 levels deep." });
    expect((await refused(nested(1_000_000))).status).toBe(400);
    expect((await refused(`{"a":`.repeat(100_000))).status).toBe(400);
    await server.call("POST", "/v1/datasets", { raw: nested(63).replace("a dataset", "a deep dataset") });
    // Brackets in texts are no nesting.
    await server.call("POST", "/v1/datasets", { raw: JSON.stringify({ name: "brackets in a text", x: "[{".repeat(500) }) });
  });

  test("a body made to be slow is refused as fast as any other", async () => {
    for (const raw of [`"${String.raw`\"`.repeat(500_000)}`, `{"a":NaN,"b":"${"x".repeat(5_000_000)}"`, `["${"N".repeat(1_000_000)}`, "-".repeat(1_000_000), "N".repeat(1_000_000)]) {
      const began = performance.now();
      expect((await refused(raw)).status).toBe(400);
      expect(performance.now() - began).toBeLessThan(3_000);
    }
  });

  test("large bodies are refused, announced or not", async () => {
    const raw = `{"name":"${"x".repeat(65 * 1024 * 1024)}"}`;
    expect(await refused(raw)).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE", message: expect.stringContaining("67108864 bytes") });
  });

  test("a JSON body may call itself what it likes", async () => {
    for (const [i, type] of ["application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "application/vnd.api+json", "multipart/form-data"].entries()) {
      const reply = await server.request("POST", "/v1/datasets", { raw: JSON.stringify({ name: `content type ${i}` }), headers: { "content-type": type } });
      expect(reply.status, type).toBe(201);
    }
    for (const type of ["nonsense", "/", ";", "a/b/c", "text/plain; =", "x".repeat(5000)]) {
      const { status } = await server.request("POST", "/v1/datasets", { raw: JSON.stringify({ name: `no type ${type.length} ${type.charCodeAt(0)}` }), headers: { "content-type": type } });
      expect([201, 400, 415], type.slice(0, 20)).toContain(status);
    }
    const compressed = await server.request("POST", "/v1/datasets", { raw: new Uint8Array([0x1f, 0x8b, 8, 0, 0]), headers: { "content-encoding": "gzip" } });
    expect(compressed.status).toBe(400);
  });

  test("what isn't there is 404, in the same form as every error", async () => {
    for (const [method, path] of [["GET", "/v1"], ["GET", "/v1/nothing"], ["POST", "/v1/quota"], ["PATCH", "/v1/datasets"], ["DELETE", "/"], ["GET", "/v2/datasets"], ["GET", "/V1/DATASETS"], ["GET", "/v1/datasets/x/y/z"], ["GET", "/favicon.ico"], ["TRACE", "/v1/datasets"], ["PROPFIND", "/"]] as const) {
      const reply = await server.send(method, path);
      expect([reply.status, (reply.body as { code: string }).code], `${method} ${path}`).toEqual([404, "NOT_FOUND"]);
      expect(reply.body).toMatchObject({ message: expect.stringContaining("There is nothing at"), error: (reply.body as { message: string }).message });
      expect(reply.bytes.toString()).not.toContain(server.ownerToken);
    }
  });

  test("odd addresses: slashes, percent signs, long and empty parts", async () => {
    for (const path of ["//v1/quota", "///v1/quota", "/v1/quota/", "/%76%31/quota"]) expect((await server.request("GET", path)).status, path).toBe(200);
    for (const path of ["/v1/datasets/%", "/v1/datasets/%zz", "/v1/datasets/%c3%28", "/v1/datasets/%ff", `/v1/datasets/${"a".repeat(5000)}`, "/v1//quota", "/v1/datasets//tags", "/v1/datasets/%2F/tags", "/v1/datasets/..%2f..%2fetc", "/v1/datasets/a%00b", "/v1/jobs/%"]) {
      const reply = await server.send("GET", path);
      expect([400, 404], `${path.slice(0, 60)} ${reply.status}`).toContain(reply.status);
      expect(reply.body).toMatchObject({ code: expect.any(String), message: expect.any(String), error: expect.any(String) });
    }
    for (const query of ["?", "?&&&", "?=", "?%", "?%zz=%zz", "?a=1&a=2", "?__proto__=1", "?constructor[x]=1", `?x=${"y".repeat(10_000)}`, "?shared=%00"]) {
      const { status } = await server.request("GET", `/v1/datasets${query}`);
      expect([200, 400], `${query.slice(0, 30)} ${status}`).toContain(status);
    }
  });

  test("what is no HTTP is answered and let go, and the server lives on", async () => {
    const { hostname, port } = new URL(server.url);
    for (const text of ["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /v1/quota HTTP/1.1\r\n\r\n", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(100_000)}\r\n\r\n`, "POST /v1/datasets HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", "POST /v1/datasets HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "\x16\x03\x01\x00\xa5"]) {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname);
        let got = "";
        socket.setTimeout(5_000, () => socket.destroy());
        socket.on("data", (chunk) => (got += chunk.toString()));
        socket.on("error", () => {});
        socket.on("close", () => resolve(got));
        socket.write(text);
      });
      expect(answer.slice(0, 12), text.slice(0, 40)).toMatch(/^HTTP\/1\.1 4\d\d/);
      // Without a Host header it is the platform that answers.
      if (!text.startsWith("GET /v1/quota")) expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ code: "MALFORMED_REQUEST", message: expect.any(String) });
    }
    expect((await server.send("GET", "/healthz")).status).toBe(200);
  });

  test("no message holds the token", async () => {
    for (const [method, path, options] of [["GET", "/v1/nothing", {}], ["GET", "/v1/datasets/x", {}], ["GET", "/v1/datasets/%zz", {}], ["POST", "/v1/datasets", { raw: "{" }], ["GET", "/v1/datasets", { query: { pageSize: "x" } }]] as const) {
      const reply = await server.send(method, path, options);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.bytes.toString()).not.toContain(server.ownerToken);
    }
  });
});
