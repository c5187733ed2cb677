import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderConfig, writeFiles } from "../testing/datasource-scenes.ts";
import { scene, until } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const allowFolders: string[] = [];
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-source-files-"));
  allowFolders.push(join(root, "data"));
  await writeFiles(root, ["data/a.jpg", "data/page.html", "data/.lightly/predictions/t/a.json", "secret.txt"]);
  await writeFile(join(root, "data/video.mp4"), randomBytes(100_000));
  await symlink(join(root, "secret.txt"), join(root, "data/out.jpg"));
});
afterAll(() => rm(root, { recursive: true }));

interface Urls {
  urls: { path: string; url: string; headers: Record<string, string> }[];
}

describeServer("Files of datasources", (server) => {
  let path: string;
  beforeAll(async () => {
    ({ path } = await scene(server));
    await server.call("PUT", `${path}/datasource`, { body: folderConfig(join(root, "data")) });
  });
  const reading = async (...paths: string[]) => (await server.call<Urls>("POST", `${path}/datasource/readUrls`, { body: { paths } })).urls.map(({ url }) => url);
  const writing = async (...paths: string[]) => (await server.call<Urls>("POST", `${path}/datasource/writeUrls`, { body: { paths } })).urls;

  test("ranges, HEAD, unchanged files, types", async () => {
    const [address] = await reading("video.mp4");
    const content = await readFile(join(root, "data/video.mp4"));
    const whole = await server.open(address!);
    expect(whole.bytes.equals(content)).toBe(true);
    expect(whole.headers).toMatchObject({ "content-type": "video/mp4", "content-length": "100000", "accept-ranges": "bytes", "access-control-allow-origin": "*", "x-content-type-options": "nosniff" });
    for (const [range, start, end] of [["bytes=0-9", 0, 10], ["bytes=50000-", 50_000, 100_000], ["bytes=-5", 99_995, 100_000], ["bytes=99999-200000", 99_999, 100_000]] as const) {
      const part = await server.open(address!, { headers: { range } });
      expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes ${start}-${end - 1}/100000`]);
      expect(part.bytes.equals(content.subarray(start, end))).toBe(true);
    }
    expect((await server.open(address!, { headers: { range: "bytes=100000-" } })).status).toBe(416);
    const head = await server.open(address!, { method: "HEAD" });
    expect([head.status, head.bytes.length, head.headers["content-length"]]).toEqual([200, 0, "100000"]);
    const etag = String(whole.headers["etag"]);
    expect((await server.open(address!, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await server.open(address!, { headers: { range: "bytes=0-1", "if-range": '"other"' } })).status).toBe(200);
    const [page, json] = await reading("page.html", ".lightly/predictions/t/a.json");
    expect((await server.open(page!)).headers).toMatchObject({ "content-type": "application/octet-stream", "content-disposition": expect.stringContaining("attachment") });
    expect((await server.open(json!)).headers["content-type"]).toBe("application/json");
    expect((await server.open(page!, { method: "OPTIONS" })).headers["access-control-allow-methods"]).toContain("GET");
  });

  test("an empty file", async () => {
    await writeFile(join(root, "data/empty.jpg"), "");
    const [address] = await reading("empty.jpg");
    const reply = await server.open(address!);
    expect([reply.status, reply.bytes.length, reply.headers["content-length"]]).toEqual([200, 0, "0"]);
    expect((await server.open(address!, { headers: { range: "bytes=0-" } })).status).toBe(416);
  });

  test("missing files have addresses, which say that nothing is there; links out of the folder lead nowhere", async () => {
    for (const [kind, fileName] of [["predictions", "no/such/file.json"], ["metadata", "x.json"], ["embeddings", "x.csv"]] as const) {
      const address = await server.call<string>("GET", `${path}/datasource/${kind}/file`, { query: { fileName } });
      expect(new URL(address).pathname).toContain(`.lightly/${kind}/${fileName}`);
      expect((await server.open(address)).status).toBe(404);
    }
    const [out, missing, folder] = await reading("out.jpg", "missing.jpg", ".lightly/predictions");
    const refused = await server.open(out!);
    expect([refused.status, refused.bytes.toString().includes("secret.txt")]).toEqual([400, false]);
    expect((await server.open(missing!)).status).toBe(404);
    expect((await server.open(folder!)).status).toBe(404);
    expect((await server.open(await server.call<string>("GET", `${path}/datasource/predictions/file`, { query: { fileName: "t/a.json" } }))).bytes.toString()).toBe("data/.lightly/predictions/t/a.json");
  });

  test("paths that lead elsewhere are refused, and named", async () => {
    for (const wrong of ["../secret.txt", "/etc/passwd", "a/../../secret.txt", "a//b", "./a", "a/", "", "a\u0000b", "a\nb", "a/..", "\ud800"]) {
      for (const [method, where, options] of [
        ["POST", "readUrls", { body: { paths: ["a.jpg", wrong] } }],
        ["POST", "writeUrls", { body: { paths: ["a.jpg", wrong] } }],
        ["GET", "predictions/file", { query: { fileName: wrong } }],
        ["GET", "predictions/writeUrl", { query: { fileName: wrong } }],
        ["GET", "readurlRedirect", { query: { path: wrong } }],
      ] as const) {
        // A query can't hold half a character.
        if (wrong === "\ud800" && method === "GET") continue;
        const { status, message } = await server.refusal(method, `${path}/datasource/${where}`, options);
        expect([status, /"(paths\[1\]|fileName|path)"/.test(message)], `${where} ${JSON.stringify(wrong)}: ${message}`).toEqual([400, true]);
      }
    }
    for (const paths of [[], "a", undefined, Array.from({ length: 10_001 }, () => "a")]) expect((await server.refusal("POST", `${path}/datasource/readUrls`, { body: { paths } })).message).toContain('"paths"');
  });

  test("what is written under an address is in the folder, whole or not at all", async () => {
    const [one, chunked] = await writing(".lightly/frames/a b.png", "sub/new.bin");
    expect(one!.headers).toEqual({});
    expect((await server.open(one!.url, { method: "PUT", raw: "frame", headers: one!.headers })).status).toBe(200);
    expect(await readFile(join(root, "data/.lightly/frames/a b.png"), "utf8")).toBe("frame");
    expect((await server.open(one!.url, { method: "PUT", raw: "again", headers: { "content-type": "application/json" } })).status).toBe(200);
    expect(await readFile(join(root, "data/.lightly/frames/a b.png"), "utf8")).toBe("again");
    expect((await server.open(chunked!.url, { method: "PUT", raw: Readable.from([Buffer.from("in "), Buffer.from("pieces")]) })).status).toBe(200);
    expect(await readFile(join(root, "data/sub/new.bin"), "utf8")).toBe("in pieces");
    const broken = new Readable({ read() {} });
    broken.push("half");
    setTimeout(() => broken.destroy(new Error("gone")), 100);
    await server.open(chunked!.url, { method: "PUT", raw: broken }).catch(() => {});
    await until("removal of the broken upload", async () => (await readdir(join(root, "data/sub"))).length === 1);
    expect(await readFile(join(root, "data/sub/new.bin"), "utf8")).toBe("in pieces");
    const prediction = await server.call<string>("GET", `${path}/datasource/predictions/writeUrl`, { query: { fileName: "new/schema.json" } });
    expect((await server.open(prediction, { method: "PUT", raw: "{}" })).status).toBe(200);
    expect(await readFile(join(root, "data/.lightly/predictions/new/schema.json"), "utf8")).toBe("{}");
  });

  test("an address allows what it says and nothing else", async () => {
    const [read] = await reading("a.jpg");
    const [write] = await writing("a.jpg");
    const changed = (address: string, change: (url: URL) => void) => {
      const url = new URL(address);
      change(url);
      return url.href;
    };
    for (const [address, method] of [
      [read!, "PUT"],
      [write!.url, "GET"],
      [changed(read!, (url) => (url.pathname = url.pathname.replace("a.jpg", "page.html"))), "GET"],
      [changed(read!, (url) => (url.pathname = url.pathname.replace("/input/", "/lightly/"))), "GET"],
      [changed(read!, (url) => url.searchParams.set("expires", "99999999999")), "GET"],
      [changed(read!, (url) => url.searchParams.delete("signature")), "GET"],
      [changed(write!.url, (url) => url.searchParams.set("max", "999999999999999")), "PUT"],
    ] as const) expect((await server.open(address, { method, ...(method === "PUT" && { raw: "x" }) })).status, address).toBe(403);
    expect(await readFile(join(root, "data/a.jpg"), "utf8")).toBe("data/a.jpg");
  });

  test("redirects to files of either part", async () => {
    for (const [file, content] of [["a.jpg", "data/a.jpg"], [".lightly/predictions/t/a.json", "data/.lightly/predictions/t/a.json"]] as const) {
      const reply = await server.request("GET", `${path}/datasource/readurlRedirect`, { query: { path: file } });
      expect(reply.status).toBe(302);
      expect((await server.open(String(reply.headers["location"]))).bytes.toString()).toBe(content);
    }
  });

  test("many addresses in one request", async () => {
    const paths = Array.from({ length: 10_000 }, (_, i) => `.lightly/thumbnails/${i}_thumb.jpg`);
    expect((await writing(...paths)).map((one) => one.path)).toEqual(paths);
    expect(await reading(...paths)).toHaveLength(10_000);
  });
}, { allowFolders });

describeServer("Files of datasources with limits", (server) => {
  test("too large a file is refused, an old address too", async () => {
    const { path } = await scene(server);
    await server.call("PUT", `${path}/datasource`, { body: folderConfig(join(root, "data")) });
    const [one] = (await server.call<Urls>("POST", `${path}/datasource/writeUrls`, { body: { paths: ["large.bin"] } })).urls;
    expect((await server.open(one!.url, { method: "PUT", raw: Buffer.alloc(1001) })).status).toBe(413);
    expect((await server.open(one!.url, { method: "PUT", raw: Readable.from([Buffer.alloc(600), Buffer.alloc(600)]) })).status).toBe(413);
    expect(await readdir(join(root, "data"))).not.toContain("large.bin");
    const [read] = (await server.call<Urls>("POST", `${path}/datasource/readUrls`, { body: { paths: ["a.jpg"] } })).urls;
    await until("the end of its time", async () => (await server.open(read!.url)).status === 403, 10_000);
    expect(((await server.open(read!.url)).body as { message: string }).message).toContain("expired");
  });
}, { allowFolders, fileSizeMax: 1000, signedUrlSeconds: 2 });
