import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { scene, until, type Scene } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";

/** A sample of this name, and signed addresses for it. */
async function sampleNamed(server: ServerUnderTest, fileName: string, thumbName?: string): Promise<Scene & { at: string; full: string; thumb: string }> {
  const made = await scene(server, [{ fileName, ...(thumbName === undefined ? {} : { thumbName }) }]);
  const at = `${made.path}/samples/${made.sampleIds[0]}`;
  return { ...made, at, ...(await server.call<{ full: string; thumb: string }>("GET", `${at}/writeurls`)) };
}

const changed = (address: string, change: (url: URL) => void) => {
  const url = new URL(address);
  change(url);
  return url.href;
};

describeServer("Files", (server) => {
  test("what is put under a write address is read under a read address, byte for byte", async () => {
    const { at, full, thumb } = await sampleNamed(server, "a.jpg", "a_thumb.webp");
    const image = randomBytes(300_000);
    expect((await server.open(thumb, { method: "PUT", raw: "a thumbnail" })).status).toBe(200);
    expect((await server.open(full, { method: "PUT", raw: image })).status).toBe(200);
    const read = await server.open(await server.call<string>("GET", `${at}/readurl`, { query: { type: "full" } }));
    expect(read.bytes.equals(image)).toBe(true);
    expect(read.headers).toMatchObject({ "content-type": "image/jpeg", "content-length": "300000", "accept-ranges": "bytes", "x-content-type-options": "nosniff", "access-control-allow-origin": "*" });
    const small = await server.open(await server.call<string>("GET", `${at}/readurl`, { query: { type: "thumbnail" } }));
    expect([small.bytes.toString(), small.headers["content-type"]]).toEqual(["a thumbnail", "image/webp"]);
  });

  test("chunked, without content type, with the headers of other clouds: all the same", async () => {
    const { at, full } = await sampleNamed(server, "a.png");
    for (const [headers, raw] of [
      [{ "transfer-encoding": "chunked" }, Readable.from([Buffer.from("in "), Buffer.from("pieces")])],
      [{ "content-type": "application/json" }, `{"not": json`],
      [{ "content-type": "text/plain; charset=utf-8" }, "text"],
      [{ "content-type": "multipart/form-data; boundary=x" }, "--x"],
      [{ "x-ms-blob-type": "BlockBlob", "x-ms-original-content-length": "5", "accept-encoding": "*", accept: "*/*" }, "azure"],
    ] as const) {
      const expected = typeof raw === "string" ? raw : "in pieces";
      expect((await server.open(full, { method: "PUT", raw, headers })).status).toBe(200);
      expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.toString()).toBe(expected);
    }
  });

  test("an empty body is refused, however it is sent, and what was there stays", async () => {
    const { at, full } = await sampleNamed(server, "a.png");
    await server.open(full, { method: "PUT", raw: "the image" });
    for (const [headers, raw] of [[{}, ""], [{ "transfer-encoding": "chunked" }, Readable.from([])], [{ "content-length": "0" }, undefined]] as const) {
      const reply = await server.open(full, { method: "PUT", raw, headers });
      expect([reply.status, (reply.body as { code: string }).code]).toEqual([400, "BAD_REQUEST"]);
    }
    expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.toString()).toBe("the image");
  });

  test("an address works for what it says: method, file, size, time", async () => {
    const a = await sampleNamed(server, "a.png");
    const b = await sampleNamed(server, "b.png");
    await server.open(a.full, { method: "PUT", raw: "image a" });
    const read = await server.call<string>("GET", `${a.at}/readurl`);
    const refused = [
      ["PUT", read],
      ["GET", a.full],
      ["HEAD", a.full],
      ["GET", changed(read, (url) => (url.pathname = new URL(b.full).pathname))],
      ["PUT", changed(a.full, (url) => (url.pathname = new URL(b.full).pathname))],
      ["PUT", changed(a.thumb, (url) => (url.pathname = new URL(a.full).pathname))],
      ["PUT", changed(a.thumb, (url) => url.searchParams.set("max", "99999999999"))],
      ["PUT", changed(a.thumb, (url) => url.searchParams.delete("max"))],
      ["PUT", changed(a.thumb, (url) => url.searchParams.append("max", "5"))],
      ["GET", changed(read, (url) => url.searchParams.set("expires", "99999999999"))],
      ["GET", changed(read, (url) => url.searchParams.set("expires", ""))],
      ["GET", changed(read, (url) => url.searchParams.delete("signature"))],
      ["GET", changed(read, (url) => url.searchParams.set("signature", ""))],
      ["GET", changed(read, (url) => url.searchParams.append("signature", "x"))],
      ["GET", changed(read, (url) => (url.pathname = "/v1/files/../../winnow.db"))],
      ["GET", changed(read, (url) => (url.pathname = "/v1/files/%2e%2e/winnow.db"))],
      ["GET", changed(read, (url) => (url.pathname = "/v1/files/%2Fetc%2Fpasswd"))],
      ["GET", changed(read, (url) => (url.pathname = "/v1/files/"))],
      ["GET", changed(read, (url) => (url.pathname = "/v1/files/%00"))],
    ] as const;
    for (const [method, address] of refused) {
      const reply = await server.open(address, { method, raw: method === "PUT" ? "content" : undefined });
      expect([403, 404], `${method} ${address}`).toContain(reply.status);
    }
    // Knowing the owner's token doesn't help either.
    expect((await server.open(a.full, { token: server.ownerToken })).status).toBe(403);
    expect((await server.open(read)).bytes.toString()).toBe("image a");
  });

  test("parts: first, middle, open, last, beyond", async () => {
    const { at, full } = await sampleNamed(server, "a.mp4");
    await server.open(full, { method: "PUT", raw: "0123456789" });
    const read = await server.call<string>("GET", `${at}/readurl`);
    for (const [range, status, text, contentRange] of [
      ["bytes=0-0", 206, "0", "bytes 0-0/10"],
      ["bytes=2-4", 206, "234", "bytes 2-4/10"],
      ["bytes=7-", 206, "789", "bytes 7-9/10"],
      ["bytes=7-900", 206, "789", "bytes 7-9/10"],
      ["bytes=-3", 206, "789", "bytes 7-9/10"],
      ["bytes=-900", 206, "0123456789", "bytes 0-9/10"],
      ["bytes=10-", 416, "", "bytes */10"],
      ["bytes=10-20", 416, "", "bytes */10"],
      ["bytes=-0", 416, "", "bytes */10"],
      ["bytes=4-2", 200, "0123456789", undefined],
      ["bytes=0-1,4-5", 200, "0123456789", undefined],
      ["bytes=a-b", 200, "0123456789", undefined],
      ["bytes=-", 200, "0123456789", undefined],
      ["lines=1-2", 200, "0123456789", undefined],
      [`bytes=0-${"9".repeat(400)}`, 206, "0123456789", "bytes 0-9/10"],
    ] as const) {
      const reply = await server.open(read, { headers: { range } });
      expect([reply.status, reply.bytes.toString(), reply.headers["content-range"]], range).toEqual([status, text, contentRange]);
    }
  });

  test("a client that has the file gets no second copy, and a part only of the file that it knows", async () => {
    const { at, full } = await sampleNamed(server, "a.webp");
    await server.open(full, { method: "PUT", raw: "first" });
    const read = await server.call<string>("GET", `${at}/readurl`);
    const etag = (await server.open(read)).headers["etag"] as string;
    expect(etag).toMatch(/^"[^"]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const reply = await server.open(read, { headers: { "if-none-match": known } });
      expect([reply.status, reply.bytes.length], known).toEqual([304, 0]);
    }
    expect((await server.open(read, { headers: { "if-none-match": `"other"` } })).status).toBe(200);
    expect((await server.open(read, { headers: { range: "bytes=0-1", "if-range": etag } })).status).toBe(206);
    await server.open(full, { method: "PUT", raw: "second" });
    expect((await server.open(read, { headers: { "if-none-match": etag } })).bytes.toString()).toBe("second");
    expect((await server.open(read, { headers: { range: "bytes=0-1", "if-range": etag } })).bytes.toString()).toBe("second");
  });

  test("HEAD says what GET would, without the file", async () => {
    const { at, full } = await sampleNamed(server, "a.png");
    await server.open(full, { method: "PUT", raw: "0123456789" });
    const read = await server.call<string>("GET", `${at}/readurl`);
    const reply = await server.open(read, { method: "HEAD", headers: { range: "bytes=0-1" } });
    expect([reply.status, reply.bytes.length, reply.headers["content-length"], reply.headers["content-type"]]).toEqual([200, 0, "10", "image/png"]);
  });

  test("what could run in a browser is only ever saved", async () => {
    for (const [fileName, type] of [["page.html", "application/octet-stream"], ["drawing.svg", "application/octet-stream"], ["code.js", "application/octet-stream"], ["noextension", "application/octet-stream"], ["a.constructor", "application/octet-stream"], ["a.JPEG", "image/jpeg"], ["a.tiff", "image/tiff"], ["x.png.html", "application/octet-stream"]] as const) {
      const { at, full } = await sampleNamed(server, `sub "folder"/ü-${fileName}`);
      await server.open(full, { method: "PUT", raw: "<script>alert(1)</script>", headers: { "content-type": "text/html" } });
      const { headers } = await server.open(await server.call<string>("GET", `${at}/readurl`));
      expect(headers["content-type"]).toBe(type);
      expect(headers["content-security-policy"]).toContain("sandbox");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      if (type === "application/octet-stream") expect(headers["content-disposition"]).toBe(`attachment; filename="_-${fileName}"; filename*=UTF-8''%C3%BC-${fileName}`);
    }
  });

  test("pages of other origins may read and write with an address", async () => {
    const { full } = await sampleNamed(server, "a.png");
    const reply = await server.open(full, { method: "OPTIONS", headers: { origin: "https://labelling.example", "access-control-request-method": "PUT" } });
    expect([reply.status, reply.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    expect(reply.headers["access-control-allow-methods"]).toContain("PUT");
  });

  test("readurl says which file there is: full before thumbnail, 404 for none", async () => {
    const { at, full, thumb } = await sampleNamed(server, "a.png");
    for (const type of [undefined, "full", "thumbnail"]) expect(await server.refusal("GET", `${at}/readurl`, { query: { type } })).toMatchObject({ status: 404, code: "NOT_FOUND" });
    for (const type of ["", "Full", "huge"]) expect((await server.refusal("GET", `${at}/readurl`, { query: { type } })).message).toContain(`"type" must be full or thumbnail`);
    await server.open(thumb, { method: "PUT", raw: "thumb" });
    expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.toString()).toBe("thumb");
    expect((await server.refusal("GET", `${at}/readurl`, { query: { type: "full" } })).status).toBe(404);
    await server.open(full, { method: "PUT", raw: "full" });
    expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.toString()).toBe("full");
    const redirect = await server.request("GET", `${at}/readurlRedirect`, { query: { type: "thumbnail" } });
    expect((await server.open(redirect.headers["location"] as string)).bytes.toString()).toBe("thumb");
    expect((await server.refusal("GET", `${at}/readurlRedirect`)).message).toContain(`"type" is missing in the query`);
  });

  test("write addresses need the flag, in any case", async () => {
    const { at } = await sampleNamed(server, "a.png");
    for (const isThumbnail of ["True", "true", "FALSE"]) expect(await server.call("GET", `${at}/writeurl`, { query: { isThumbnail } })).toContain(isThumbnail === "FALSE" ? ".full?" : ".thumbnail?");
    expect((await server.refusal("GET", `${at}/writeurl`)).message).toBe(`"isThumbnail" is missing in the query.`);
    expect((await server.refusal("GET", `${at}/writeurl`, { query: { isThumbnail: "1" } })).message).toContain(`"isThumbnail" must be true or false`);
  });

  test("an upload that breaks off leaves nothing", async () => {
    const { full, at } = await sampleNamed(server, "a.png");
    const before = await server.files();
    for (const announced of ["content-length: 1000000", "transfer-encoding: chunked"]) {
      const { hostname, port, pathname, search } = new URL(full);
      const socket = connect(Number(port), hostname);
      await new Promise((resolve) => socket.once("connect", resolve));
      const start = announced.includes("chunked") ? `2710\r\n${"x".repeat(10_000)}\r\n` : "x".repeat(10_000);
      socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nhost: x\r\n${announced}\r\n\r\n${start}`);
      // An object store shows nothing of an upload before its end.
      if (server.database === "sqlite") await until("the beginning of the upload", async () => (await server.files()).length > before.length);
      else await new Promise((resolve) => setTimeout(resolve, 200));
      socket.destroy();
      await until("the end of the upload", async () => (await server.files()).length === before.length);
    }
    expect((await server.refusal("GET", `${at}/readurl`)).status).toBe(404);
  });

  test("a file that comes while its dataset is deleted is not kept", async () => {
    const { full, path, id } = await sampleNamed(server, "a.png");
    async function* slow(): AsyncIterable<Buffer> {
      yield Buffer.from("begin");
      await server.call("DELETE", path);
      await until("the removal of the dataset", async () => !(await server.files()).some((file) => file.includes(id)));
      yield Buffer.from("end");
    }
    const reply = await server.open(full, { method: "PUT", raw: Readable.from(slow()), headers: { "transfer-encoding": "chunked" } });
    expect(reply.status).toBe(404);
    expect((await server.files()).filter((file) => file.includes(id))).toEqual([]);
  });
});

describeServer("Files of a limited size", (server) => {
  test("more than the limit is refused, announced or not, and nothing is stored", async () => {
    const { full, at } = await sampleNamed(server, "a.png");
    const before = await server.files();
    for (const headers of [{}, { "transfer-encoding": "chunked" }] as Record<string, string>[]) {
      const raw = "transfer-encoding" in headers ? Readable.from([Buffer.alloc(600), Buffer.alloc(600)]) : Buffer.alloc(1001);
      const reply = await server.open(full, { method: "PUT", raw, headers });
      expect([reply.status, (reply.body as { code: string }).code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    }
    expect(await server.files()).toEqual(before);
    expect((await server.open(full, { method: "PUT", raw: Buffer.alloc(1000) })).status).toBe(200);
    expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.length).toBe(1000);
  });

  test("a body larger than allowed says what is allowed", async () => {
    const { path } = await scene(server);
    const body = { fileName: "a.jpg", exif: { text: "x".repeat(3000) } };
    const { status, code, message } = await server.refusal("POST", `${path}/samples`, { body });
    expect([status, code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
    expect(message).toContain("2000 bytes");
    // Many samples at once may be larger.
    await server.call("POST", `${path}/samples/bulk`, { body: { samples: [body] } });
  });
}, { fileSizeMax: 1000, bodySizeMax: 2000 });

describeServer("Addresses that expire", (server) => {
  test("an address works until its time, and then says so", async () => {
    const { full, at } = await sampleNamed(server, "a.png");
    await server.open(full, { method: "PUT", raw: "image" });
    const read = await server.call<string>("GET", `${at}/readurl`);
    expect((await server.open(read)).status).toBe(200);
    await until("the end of its time", async () => (await server.open(read)).status === 403, 5_000);
    for (const [address, method] of [[read, "GET"], [full, "PUT"]] as const) {
      const reply = await server.open(address, { method, raw: method === "PUT" ? "x" : undefined });
      expect([reply.status, (reply.body as { message: string }).message]).toEqual([403, "This address has expired. Ask the server for a new one."]);
    }
  });
}, { signedUrlSeconds: 1 });

describeServer("A start after a kill", (server) => {
  test("unfinished files are gone, finished ones are there", async () => {
    const { mkdir, writeFile } = await import("node:fs/promises");
    const { full, at } = await sampleNamed(server, "a.png");
    const image = randomBytes(1000);
    await server.open(full, { method: "PUT", raw: image });
    await server.stop();
    await mkdir(join(server.folder, "blobs", ".unfinished"), { recursive: true });
    await writeFile(join(server.folder, "blobs", ".unfinished", "half"), "half");
    await server.start();
    expect((await server.files()).length).toBe(1);
    const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(hash((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes)).toBe(hash(image));
  });
});
