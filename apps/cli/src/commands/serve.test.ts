import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signedFileUrl } from "@winnow/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT, runCommandLine } from "../program.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-serve-"));
  mkdirSync(join(folder, "my images/.lightly"), { recursive: true });
  writeFileSync(join(folder, "my images/a picture.jpg"), "0123456789");
  writeFileSync(join(folder, "outside.txt"), "secret");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (words: readonly string[], env: Record<string, string>, stop: AbortSignal, write: (text: string) => void) =>
  runCommandLine(["serve", ...words], { stdout: { write }, stderr: { write }, isTTY: false, env, cwd: folder, stop });

/** Serves while `work` is done. */
async function serving(words: readonly string[], work: (url: string, printed: string) => Promise<void>, env: Record<string, string> = {}): Promise<void> {
  const stop = new AbortController();
  let printed = "";
  let tell: (url: string) => void;
  const address = new Promise<string>((resolve) => (tell = resolve));
  const ended = command(["my images", "--port", "0", ...words], env, stop.signal, (text) => {
    printed += text;
    const [, url] = /^Serving .* at (http\S+)\n/.exec(printed) ?? [];
    if (url) setTimeout(() => tell(url), 5);
  });
  const url = await Promise.race([address, ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${printed}`)))]);
  try {
    await work(url, printed);
  } finally {
    stop.abort("SIGINT");
    expect(await ended).toBe(EXIT.ok);
  }
}

test("a folder is served with ranges, listings and CORS, and nothing beside it", async () => {
  await serving([], async (url) => {
    const part = await fetch(`${url}a%20picture.jpg`, { headers: { range: "bytes=2-4", origin: "http://localhost:8080" } });
    expect([part.status, await part.text(), part.headers.get("content-range"), part.headers.get("access-control-allow-origin")]).toEqual([206, "234", "bytes 2-4/10", "http://localhost:8080"]);
    const page = await fetch(url, { headers: { origin: "http://elsewhere.example" } });
    expect([await page.text(), page.headers.get("access-control-allow-origin")]).toEqual([expect.stringContaining("a%20picture.jpg"), null]);
    expect(await (await fetch(url, { headers: { accept: "application/json" } })).text()).toContain("a picture.jpg");
    for (const path of ["..%2foutside.txt", "%2e%2e/outside.txt"]) expect((await fetch(url + path)).status).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${url}new.jpg`, { method: "PUT", body: "x" })).status).toBe(405);
  });
  await serving(["--origin", "*"], async (url) => {
    expect((await fetch(url, { headers: { origin: "http://elsewhere.example" } })).headers.get("access-control-allow-origin")).toBe("*");
  });
});

test("with a key it takes files, and keeps them to itself where it is told to", async () => {
  const key = "k".repeat(32);
  await serving(["--writable", "--private"], async (url, printed) => {
    expect(printed).not.toContain(key);
    expect((await fetch(`${url}a%20picture.jpg`)).status).toBe(403);
    expect(await (await fetch(signedFileUrl(url, Buffer.from(key), "GET", "a picture.jpg", 60))).text()).toBe("0123456789");
    expect((await fetch(signedFileUrl(url, Buffer.from(key), "PUT", ".lightly/new.json", 60), { method: "PUT", body: "{}" })).status).toBe(201);
    expect(readFileSync(join(folder, "my images/.lightly/new.json"), "utf8")).toBe("{}");
    expect((await fetch(`${url}other.json`, { method: "PUT", body: "{}" })).status).toBe(403);
    expect(existsSync(join(folder, "my images/other.json"))).toBe(false);
  }, { WINNOW_FILE_SERVER_KEY: key });
});

test("without a key of one's own it makes one and says what to do with it", async () => {
  await serving(["--writable"], async (url) => {
    expect((await fetch(url)).status).toBe(200);
  });
  const stop = new AbortController();
  let printed = "";
  await command(["my images", "--port", "0", "--writable"], {}, stop.signal, (text) => {
    printed += text;
    if (text.includes("WINNOW_FILE_SERVER_KEYS=")) stop.abort("SIGINT");
  });
  expect(printed).toMatch(/export WINNOW_FILE_SERVER_KEYS=http:\/\/127\.0\.0\.1:\d+=[\w-]{32}\n/);
});

test("for programs: where it is, and the key that it made, as a line of JSON", async () => {
  const stop = new AbortController();
  let printed = "";
  await command(["my images", "--port", "0", "--writable", "--json"], {}, stop.signal, (text) => {
    printed += text;
    if (text.endsWith("\n")) stop.abort("SIGINT");
  });
  expect(JSON.parse(printed)).toEqual({ folder: expect.stringMatching(/my images$/), url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/), key: expect.stringMatching(/^[\w-]{32}$/) });
});

describe("what can't be served", () => {
  const refused = async (words: readonly string[], env: Record<string, string> = {}) => {
    let printed = "";
    const code = await command(words, env, new AbortController().signal, (text) => void (printed += text));
    return { code, printed };
  };
  test("is told in one sentence", async () => {
    expect(await refused(["nowhere"])).toEqual({ code: EXIT.failure, printed: expect.stringContaining("There is no folder") });
    expect(await refused(["outside.txt"])).toEqual({ code: EXIT.failure, printed: expect.stringContaining("a file, not a folder") });
    expect(await refused([])).toMatchObject({ code: EXIT.usage });
    expect(await refused(["my images", "--origin", "here"])).toEqual({ code: EXIT.usage, printed: expect.stringContaining("--origin must be") });
    const short = await refused(["my images", "--writable"], { WINNOW_FILE_SERVER_KEY: "shortsecret" });
    expect(short).toEqual({ code: EXIT.usage, printed: expect.stringContaining("at least 32 characters") });
    expect(short.printed).not.toContain("shortsecret");
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as { port: number };
    expect(await refused(["my images", "--port", String(port)])).toEqual({ code: EXIT.failure, printed: expect.stringContaining(`Port ${port} is already in use`) });
    await new Promise((resolve) => busy.close(resolve));
  });
});
