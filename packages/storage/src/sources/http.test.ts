import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { all, conforms, failsWith } from "../conformance.ts";
import { startFileServer } from "../file-server.ts";
import { pythonIsMissing, startPythonFileServer } from "../testing/python-file-server.ts";
import { HttpSource } from "./http.ts";

const key = Buffer.alloc(32, 5);
const local = { allowPrivateAddresses: true } as const;

async function folderStand() {
  const root = await mkdtemp(join(tmpdir(), "winnow-http-"));
  const put = async (path: string, content: Uint8Array) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  return { root, put };
}

conforms(
  "winnow serve, writable, reads private",
  async () => {
    const { root, put } = await folderStand();
    await mkdir(join(root, "a base"));
    const server = await startFileServer({ folder: root, key, writable: true, privateReads: true, port: 0 });
    return {
      // Below the root of the server, so that signatures have to hold for the whole path.
      open: () => new HttpSource(`${server.url}a%20base`, { key, ...local }),
      put: (path, content) => put(`a base/${path}`, content),
      close: async () => {
        await server.close();
        await rm(root, { recursive: true });
      },
    };
  },
  { manyKeys: 5_000 },
);

const missing = pythonIsMissing();
describe.skipIf(missing !== undefined)(`Python's file server${missing ? ` (skipped: ${missing})` : ""}`, () => {
  conforms(
    "python3 -m http.server",
    async () => {
      const { root, put } = await folderStand();
      const server = await startPythonFileServer(root);
      return {
        open: () => new HttpSource(server.url, { ...local, windowSize: 500 }),
        put,
        close: async () => {
          await server.close();
          await rm(root, { recursive: true });
        },
      };
    },
    // One connection and one thread per HEAD: many more would only take time.
    { manyKeys: 900, writes: false, signatures: "none" },
  );
});

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A server whose folders are given as pages of text, and whose files answer HEAD with a time. */
async function listingServer(pages: Record<string, string>, type: string, asked: string[] = []): Promise<string> {
  return await serve((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const page = pages[path];
    if (page !== undefined) response.writeHead(200, { "Content-Type": type }).end(page);
    else if (path.endsWith("/")) response.writeHead(404).end();
    else {
      asked.push(`${request.method} ${path}`);
      response.writeHead(200, { "Content-Length": 3, "Last-Modified": "Wed, 29 Jul 2026 10:12:34 GMT" }).end(request.method === "HEAD" ? undefined : "abc");
    }
  });
}

const exact = Date.parse("2026-07-29T10:12:34Z");

describe("directory listings", () => {
  it("of nginx", async () => {
    const address = await listingServer(
      {
        "/d/": '<html>\r\n<head><title>Index of /d/</title></head>\r\n<body>\r\n<h1>Index of /d/</h1><hr><pre><a href="../">../</a>\r\n<a href="sub%20x/">sub x/</a>            29-Jul-2026 10:12                   -\r\n<a href="a%26b.jpg">a&amp;b.jpg</a>          29-Jul-2026 10:12                   3\r\n<a href="%D0%B6-a-very-long-name.jpg">ж-a-very-long-na..&gt;</a>          29-Jul-2026 10:12                   3\r\n</pre><hr></body></html>',
        "/d/sub%20x/": '<html><head><title>Index of /d/sub x/</title></head><body><h1>Index of</h1><pre><a href="../">../</a>\n<a href="c.jpg">c.jpg</a>  29-Jul-2026 10:12  3\n</pre></body></html>',
      },
      "text/html",
    );
    const found = await all(new HttpSource(`${address}d`, local), { limit: 10 });
    expect(found).toEqual(["a&b.jpg", "sub x/c.jpg", "ж-a-very-long-name.jpg"].map((path) => ({ path, sizeBytes: 3, modifiedMs: exact })));
  });

  it("of nginx as JSON, without asking for each file", async () => {
    const asked: string[] = [];
    const address = await listingServer(
      {
        "/": '[\n{ "name":"s", "type":"directory", "mtime":"Wed, 29 Jul 2026 10:00:00 GMT" },\n{ "name":"a{\\"}.jpg", "type":"file", "mtime":"Wed, 29 Jul 2026 10:12:34 GMT", "size":7 },\n{ "name":"..", "type":"directory" },{ "name":"x/../../y", "type":"file" }\n]\n',
        "/s/": '[{"name":"b.jpg","type":"file","mtime":"Wed, 29 Jul 2026 10:12:34 GMT","size":8}]',
      },
      "application/json",
      asked,
    );
    expect(await all(new HttpSource(address, local), { limit: 10 })).toEqual([
      { path: 'a{"}.jpg', sizeBytes: 7, modifiedMs: exact },
      { path: "s/b.jpg", sizeBytes: 8, modifiedMs: exact },
    ]);
    expect(asked).toEqual([]);
  });

  it("of Apache, where old files are not asked for when only new ones are wanted", async () => {
    const asked: string[] = [];
    const row = (name: string, date: string) => `<tr><td valign="top"><img src="/icons/image2.gif" alt="[IMG]"></td><td><a href="${name}">${name}</a></td><td align="right">${date}  </td><td align="right">1.2K</td><td>&nbsp;</td></tr>\n`;
    const address = await listingServer(
      {
        "/": `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>Index of /</title>\n </head>\n <body>\n<h1>Index of /</h1>\n  <table>\n   <tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>\n<tr><td><a href="/">Parent Directory</a></td></tr>\n${row("new.jpg", "2026-07-29 10:12")}${row("old.jpg", "2020-01-01 00:00")}${row("%2e%2e%2fup.jpg", "2026-07-29 10:12")}${row("http://elsewhere.example/x.jpg", "2026-07-29 10:12")}${row("//elsewhere.example/y.jpg", "2026-07-29 10:12")}</table></body></html>`,
      },
      "text/html",
      asked,
    );
    const source = new HttpSource(address, local);
    expect(await all(source, { limit: 10, fromSeconds: exact / 1000 - 100_000 })).toEqual([{ path: "new.jpg", sizeBytes: 3, modifiedMs: exact }]);
    expect(asked).toEqual(["HEAD /new.jpg"]);
  });

  it("of our own server for people and for tools", async () => {
    const { root, put } = await folderStand();
    await put("x/<b>&\"'.jpg", Buffer.from("1"));
    await put("y.jpg", Buffer.from("22"));
    await put(".winnow-00000000-0000-0000-0000-000000000000.partial", Buffer.from("half"));
    const server = await startFileServer({ folder: root, port: 0 });
    closing.push(() => server.close());
    for (const accept of ["text/html", "application/json"]) {
      // Without the header that marks the recursive listing the source walks, as with any other server.
      const address = await serve((request, response) => {
        void fetch(server.url + (request.url ?? "").slice(1).replace(/\?.*/, ""), { method: request.method ?? "GET", headers: { accept } }).then(async (answer) => {
          response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(request.method === "HEAD" ? undefined : Buffer.from(await answer.arrayBuffer()));
        });
      });
      expect((await all(new HttpSource(address, local), { limit: 10 })).map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([["x/<b>&\"'.jpg", 1], ["y.jpg", 2]]);
    }
    await rm(root, { recursive: true });
  });

  it.each([
    ["a page that is no listing", "<html><title>Welcome</title><a href='a.jpg'>a</a></html>", "path"],
    ["nothing", "", "path"],
    ["JSON of something else", '[{"id": 1}]', "path"],
    ["JSON that breaks off", '[{"name":"a.jpg","type":"file"', "path"],
  ] as const)("are not %s", async (_, page, kind) => {
    const source = new HttpSource(await listingServer({ "/": page }, "text/html"), local);
    expect(await failsWith(source.list({ limit: 1 }), kind)).toContain("directory listings");
  });
});

describe("what goes wrong", () => {
  it("names the address that doesn't answer, the folder that isn't there and the rights that are missing", async () => {
    const closed = await serve(() => {});
    await closing.pop()?.();
    expect(await failsWith(new HttpSource(closed, local).list({ limit: 1 }), "unreachable")).toContain(new URL(closed).host);
    expect(await failsWith(new HttpSource("http://no-such-host.invalid/", local).list({ limit: 1 }), "unreachable")).toContain("no-such-host.invalid");
    const address = await serve((request, response) => response.writeHead(request.url?.startsWith("/closed/") ? 403 : request.url?.startsWith("/ill/") ? 500 : 404).end());
    await failsWith(new HttpSource(address, local).list({ limit: 1 }), "path");
    await failsWith(new HttpSource(address, local).list({ limit: 1, prefix: "a/b" }), "path");
    await failsWith(new HttpSource(`${address}closed`, local).list({ limit: 1 }), "permission");
    await failsWith(new HttpSource(`${address}closed`, local).read("a"), "permission");
    await failsWith(new HttpSource(`${address}ill`, local).facts("a"), "unreachable");
    expect(await new HttpSource(closed, local).verify()).toMatchObject({ canRead: false, canList: false, canWrite: false, errors: { canList: expect.stringContaining("Nothing answers") } });
  });

  it.each(["ftp://a.example/", "a.example/x", "http://user:hunter2@a.example/", "http://a.example/?token=hunter2", "http://a.example/%"])("refuses the address %s", (address) => {
    let message = "";
    try {
      new HttpSource(address, local);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/address/);
    expect(message).not.toContain("hunter2");
  });

  it("a wrong key is said, and never shown", async () => {
    const { root, put } = await folderStand();
    await put("a.jpg", Buffer.from("1"));
    const server = await startFileServer({ folder: root, key, writable: true, port: 0 });
    closing.push(() => server.close());
    const other = new HttpSource(server.url, { key: Buffer.alloc(32, 6), ...local });
    await failsWith(other.write("b.jpg", Buffer.from("2")), "permission", ["signature="]);
    await failsWith(other.list({ limit: 1 }), "permission");
    await failsWith(new HttpSource(server.url, local).write("b.jpg", Buffer.from("2")), "permission");
    await failsWith(new HttpSource(`${server.url}nothing`, { key, ...local }).list({ limit: 1 }), "path");
    expect(await readdir(root)).toEqual(["a.jpg"]);
    await rm(root, { recursive: true });
  });
});

describe("addresses of the inside", () => {
  it.each(["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://0x7f000001:1/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::ffff:169.254.169.254]/", "http://0.0.0.0:1/"])("refuses %s", async (address) => {
    expect(await failsWith(new HttpSource(address).list({ limit: 1 }), "forbidden")).toContain("may not contact");
  });

  it("refuses metadata services also where private networks are allowed, and redirects to them", async () => {
    expect(await failsWith(new HttpSource("http://169.254.169.254/", local).list({ limit: 1 }), "forbidden")).toContain("may not contact");
    const address = await serve((_, response) => response.writeHead(302, { Location: "http://169.254.169.254/latest/meta-data/" }).end());
    expect(await failsWith(new HttpSource(address, local).read("a.jpg"), "forbidden")).toContain("169.254.169.254");
    const loop = await serve((_, response) => response.writeHead(302, { Location: "/again" }).end());
    expect(await failsWith(new HttpSource(loop, local).read("a.jpg"), "unreachable")).toContain("without end");
    const file = await serve((_, response) => response.writeHead(302, { Location: "file:///etc/passwd" }).end());
    await failsWith(new HttpSource(file, local).read("a.jpg"), "configuration");
  });

  it("takes this machine, or listed hosts, where that is allowed, and nothing beside them", async () => {
    const address = await listingServer({ "/": '[{"name":"x.jpg","type":"file"}]' }, "application/json");
    const { host, port } = new URL(address);
    const names = async (options: object, to = address) => (await new HttpSource(to, options).list({ limit: 5 })).entries.map(({ path }) => path);
    expect(await names({ allowLoopback: true })).toEqual(["x.jpg"]);
    await failsWith(new HttpSource("http://10.0.0.1/", { allowLoopback: true }).list({ limit: 1 }), "forbidden");
    for (const entry of [host, "127.0.0.1", host.toUpperCase()]) expect(await names({ allowedHosts: [entry] })).toEqual(["x.jpg"]);
    expect(await names({ allowedHosts: ["localhost"] }, `http://localhost:${port}/`)).toEqual(["x.jpg"]);
    for (const entry of ["127.0.0.2", "127.0.0.1:1", "", "0.0.0.1"]) await failsWith(new HttpSource(address, { allowedHosts: [entry] }).list({ limit: 1 }), "forbidden");
    // A host on the list that redirects to one that isn't.
    const other = await serve((_, response) => response.writeHead(302, { Location: "http://169.254.169.254/" }).end());
    await failsWith(new HttpSource(other, { allowedHosts: [new URL(other).host] }).read("a.jpg"), "forbidden");
  });

  it("lists below its base only, also when the server redirects", async () => {
    const elsewhere = await listingServer({ "/": '[{"name":"x.jpg","type":"file"}]' }, "application/json");
    const address = await serve((_, response) => response.writeHead(302, { Location: elsewhere }).end());
    expect(await failsWith(new HttpSource(address, local).list({ limit: 1 }), "path")).toContain("another place");
  });
});

describe("the file server", () => {
  it("never leaves its folder", async () => {
    const { root, put } = await folderStand();
    await put("served/a.jpg", Buffer.from("inside"));
    await put("secret.txt", Buffer.from("outside"));
    await symlink(join(root, "secret.txt"), join(root, "served/link.txt"));
    await symlink(root, join(root, "served/up"));
    const server = await startFileServer({ folder: join(root, "served"), port: 0 });
    closing.push(() => server.close());
    for (const path of ["..%2fsecret.txt", "%2e%2e/secret.txt", "..%5csecret.txt", "link.txt", "up/secret.txt", "a.jpg%00", "up/", "/etc/passwd", "%", "a.jpg/"]) {
      const answer = await fetch(server.url + path);
      expect([path, answer.status >= 400, (await answer.text()).includes("outside")]).toEqual([path, true, false]);
    }
    expect(await (await fetch(server.url)).text()).not.toMatch(/link\.txt|up\//);
    await rm(root, { recursive: true });
  });

  it("knows HEAD, ETag, ranges, preflights, and redirects to folders", async () => {
    const { root, put } = await folderStand();
    await put("f/a.svg", Buffer.from("0123456789"));
    const server = await startFileServer({ folder: root, port: 0, origins: ["https://winnow.example"] });
    closing.push(() => server.close());
    const ask = async (headers: Record<string, string>, method = "GET") => await fetch(`${server.url}f/a.svg`, { method, headers });
    const head = await ask({ origin: "https://winnow.example" }, "HEAD");
    expect([head.status, head.headers.get("content-length"), head.headers.get("access-control-allow-origin"), head.headers.get("content-security-policy")]).toEqual([200, "10", "https://winnow.example", expect.stringContaining("sandbox")]);
    expect((await ask({ origin: "https://other.example" })).headers.get("access-control-allow-origin")).toBeNull();
    const etag = head.headers.get("etag") ?? "";
    expect((await ask({ "if-none-match": etag })).status).toBe(304);
    expect((await ask({ "if-none-match": '"other"' })).status).toBe(200);
    for (const [range, status, body, headers] of [
      ["bytes=2-4", 206, "234", {}], ["bytes=8-", 206, "89", {}], ["bytes=-3", 206, "789", {}], ["bytes=5-100", 206, "56789", {}], ["bytes=10-", 416, "", {}],
      ["bytes=4-2", 200, "0123456789", {}], ["bytes=0-1,3-4", 200, "0123456789", {}], ["lines=1-2", 200, "0123456789", {}], ["bytes=2-4", 200, "0123456789", { "if-range": '"other"' }], ["bytes=2-4", 206, "234", { "if-range": etag }],
    ] as const) {
      const answer = await ask({ range, ...headers });
      expect([range, answer.status, await answer.text()]).toEqual([range, status, body]);
    }
    expect((await ask({}, "PUT")).status).toBe(405);
    expect((await ask({}, "PATCH")).status).toBe(405);
    const preflight = await ask({ origin: "https://winnow.example", "access-control-request-headers": "range" }, "OPTIONS");
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, "range"]);
    expect((await fetch(`${server.url}f`)).url).toBe(`${server.url}f/`);
    expect((await fetch(`${server.url}?list=recursive&limit=0`)).status).toBe(400);
    await rm(root, { recursive: true });
  });

  it("keeps nothing of an upload that breaks off, is too large, or is not signed", async () => {
    const { root, put } = await folderStand();
    await put("there.jpg", Buffer.from("old"));
    const server = await startFileServer({ folder: root, key, writable: true, sizeBytesMax: 1000, port: 0 });
    closing.push(() => server.close());
    const address = await server.urlFor("there.jpg", "PUT", 60);
    const breaking = new ReadableStream({
      async pull(controller) {
        controller.enqueue(Buffer.alloc(100));
        await sleep(50);
        controller.error(new Error("gone"));
      },
    });
    await expect(fetch(address, { method: "PUT", body: breaking, duplex: "half" } as RequestInit)).rejects.toThrow();
    expect((await fetch(address, { method: "PUT", body: Buffer.alloc(1001) })).status).toBe(413);
    const chunked = new Response(Buffer.alloc(1001)).body;
    expect((await fetch(address, { method: "PUT", body: chunked, duplex: "half" } as RequestInit)).status).toBe(413);
    expect((await fetch(`${server.url}there.jpg`, { method: "PUT", body: "x" })).status).toBe(403);
    expect((await fetch(await server.urlFor("there.jpg", "GET", 60), { method: "PUT", body: "x" })).status).toBe(403);
    await expect.poll(() => readdir(root)).toEqual(["there.jpg"]);
    expect((await buffer(await new HttpSource(server.url, local).read("there.jpg"))).toString()).toBe("old");
    await expect(startFileServer({ folder: root, writable: true, port: 0 })).rejects.toThrow(RangeError);
    await rm(root, { recursive: true });
  });
});
