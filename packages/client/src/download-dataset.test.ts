import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN, id, reply } from "../test/recording-server.ts";
import { ApiWorkflowClient, ValueError, type WinnowWarning } from "./index.ts";
import { safeParts } from "./node/safe-path.ts";

let server: RecordingServer;
let client: ApiWorkflowClient;
let warnings: WinnowWarning[];
let folder: string;
let names: string[];
const content = (ordinal: number) => `not really an image, number ${ordinal}`;

beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-client-"));
  names = ["a.jpg", "sub/b.png", "c.jpg"];
  server.take();
  // Every sample has bytes of its own, and nothing that could be decoded.
  server.intercept = (request, response) => {
    const url = request.url!;
    if (url.includes("/mappings")) response.end(JSON.stringify(url.includes("field=_id") ? names.map((_, at) => id(0x100 + at)) : names));
    else if (/\/tags\?/.test(url)) response.end(JSON.stringify([{ id: id(1), name: "initial-tag", bitMaskData: `0x${(2 ** names.length - 1).toString(16)}`, totSize: names.length }, { id: id(2), name: "last", bitMaskData: "0x4" }]));
    else if (url.includes("/readurl")) response.end(JSON.stringify(`${server.url}/signed/${Number.parseInt(/samples\/(\w+)/.exec(url)![1]!, 16) - 0x100}`));
    else if (url.startsWith("/signed/")) response.end(content(Number(url.split("/").at(-1))));
    else return false;
    return true;
  };
  warnings = [];
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: { attempts: 1 },
    patience: { pauseMs: 5 }, onWarning: (warning) => warnings.push(warning) });
});
const reads = () => server.exchanges.filter(({ path }) => path.startsWith("/signed/")).length;

describe("downloadDataset", () => {
  it("writes the bytes as they come, and a tag's files only", async () => {
    const output = join(folder, "new/folder");
    const progress: number[] = [];
    expect(await client.downloadDataset(output, { onProgress: ({ done }) => progress.push(done) })).toEqual({ total: 3, downloaded: 3, skipped: 0, failed: [], failedCount: 0 });
    expect(await readFile(join(output, "sub/b.png"), "utf8")).toBe(content(1));
    expect((await readdir(output)).sort()).toEqual(["a.jpg", "c.jpg", "sub"]);
    expect(progress).toEqual([1, 2, 3]);
    await client.downloadDataset(join(folder, "tag"), { tagName: "last" });
    expect(await readdir(join(folder, "tag"))).toEqual(["c.jpg"]);
  });

  it("copies from a folder, and asks the server for names only", async () => {
    const input = join(folder, "input");
    await mkdir(join(input, "sub"), { recursive: true });
    await writeFile(join(input, "a.jpg"), "of the folder");
    await writeFile(join(input, "sub/b.png"), "below it");
    const output = join(folder, "copies");
    const summary = await client.downloadDataset(output, { inputDir: input });
    expect(summary).toMatchObject({ total: 3, downloaded: 2, failed: [{ fileName: "c.jpg", reason: expect.stringContaining("no such file") }] });
    expect(await readFile(join(output, "sub/b.png"), "utf8")).toBe("below it");
    expect((await readdir(output)).sort()).toEqual(["a.jpg", "sub"]);
    expect(reads()).toBe(0);
  });

  it("never reads outside of the folder that it copies from", async () => {
    await writeFile(join(folder, "secret.jpg"), "outside");
    await mkdir(join(folder, "input"));
    names = ["../secret.jpg", "/etc/hostname"];
    expect(await client.downloadDataset(join(folder, "copies"), { inputDir: join(folder, "input") })).toMatchObject({ downloaded: 0, failedCount: 2 });
    expect(await readdir(join(folder, "copies"))).toEqual([]);
  });

  it("goes on where it was interrupted", async () => {
    await writeFile(join(folder, "a.jpg"), "was there");
    expect(await client.downloadDataset(folder)).toMatchObject({ downloaded: 2, skipped: 1 });
    expect(await readFile(join(folder, "a.jpg"), "utf8")).toBe("was there");
    expect(reads()).toBe(2);
    expect(await client.downloadDataset(folder)).toMatchObject({ downloaded: 0, skipped: 3 });
    expect(reads()).toBe(2);
  });

  it("leaves no part of a file behind", async () => {
    const answers = server.intercept!;
    const stop = new AbortController();
    let [others, attempts] = [0, 0];
    server.intercept = (request, response, body) => {
      if (request.url !== "/signed/1") return answers(request, response, body);
      response.writeHead(200, { "content-length": "100" });
      response.write("only so much");
      if (++attempts > 1 && others === 2) stop.abort(new Error("enough"));
      setTimeout(() => response.destroy(), 5);
      return true;
    };
    client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, patience: { attempts: 10_000, pauseMs: 2 } });
    await expect(client.downloadDataset(folder, { signal: stop.signal, onProgress: ({ done }) => (others = done) })).rejects.toThrow("enough");
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(["a.jpg", "c.jpg", "sub"]);
  });

  it("refuses names that leave the folder, reports them, and writes the others", async () => {
    names = ["../out.jpg", "/etc/out.jpg", "a/../../out.jpg", "..\\out.jpg", "C:\\out.jpg", "a//b.jpg", "nul\u0000.jpg", "", ".", "fine.jpg", "fi ne/ü,\"'.jpg"];
    const output = join(folder, "inner");
    const summary = await client.downloadDataset(output);
    expect(summary).toMatchObject({ total: 11, downloaded: 2, failedCount: 9 });
    expect(summary.failed.map(({ fileName }) => fileName).sort()).toEqual(names.slice(0, 9).sort());
    expect(await readdir(folder)).toEqual(["inner"]);
    expect((await readdir(output)).sort()).toEqual(["fi ne", "fine.jpg"]);
    expect(warnings).toHaveLength(1);
    expect(reads()).toBe(2);
  });

  it("writes through no symbolic link", async () => {
    const output = join(folder, "inner");
    const elsewhere = join(folder, "elsewhere");
    await mkdir(output);
    await mkdir(elsewhere);
    await symlink(elsewhere, join(output, "sub"));
    await symlink(join(elsewhere, "x.jpg"), join(output, "a.jpg"));
    await writeFile(join(output, "file"), "");
    names = ["a.jpg", "sub/b.png", "file/x.jpg", "ok.jpg"];
    const summary = await client.downloadDataset(output);
    expect(summary.failed.map(({ fileName, reason }) => `${fileName}: ${reason}`).sort()).toEqual([
      expect.stringMatching(/^a\.jpg: .*symbolic link/),
      expect.stringMatching(/^file\/x\.jpg: .*is a file/),
      expect.stringMatching(/^sub\/b\.png: .*symbolic link/),
    ]);
    expect(await readdir(elsewhere)).toEqual([]);
    expect((await lstat(join(output, "ok.jpg"))).isFile()).toBe(true);
    // The folder itself may be a link.
    await symlink(elsewhere, join(folder, "link"));
    names = ["x.jpg"];
    expect(await client.downloadDataset(join(folder, "link"))).toMatchObject({ downloaded: 1 });
  });

  it("reports files the server doesn't give, or the disk doesn't take", async () => {
    const answers = server.intercept!;
    server.intercept = (request, response, body) => (request.url === "/signed/0" ? reply(response, "", 404) : answers(request, response, body));
    if (process.getuid?.() !== 0) {
      await mkdir(join(folder, "sub"));
      await chmod(join(folder, "sub"), 0o500);
    } else names[1] = `${"x".repeat(300)}.png`;
    const summary = await client.downloadDataset(folder);
    expect(summary).toMatchObject({ downloaded: 1, failedCount: 2 });
    await chmod(join(folder, "sub"), 0o700).catch(() => undefined);
    await rm(folder, { recursive: true });
  });

  it("needs a dataset with full images, and the tag", async () => {
    await expect(client.downloadDataset(folder, { tagName: "nobody's" })).rejects.toThrow(ValueError);
    const answers = server.intercept!;
    server.intercept = (request, response, body) =>
      request.url!.startsWith(`/v1/datasets/${DATASET}?`) ? reply(response, JSON.stringify({ id: DATASET, imgType: "thumbnail" })) : answers(request, response, body);
    await expect(client.downloadDataset(folder)).rejects.toThrow("uploaded as thumbnail");
  });
});

it("a name that is taken never leads out of its folder", () => {
  const part = fc.oneof(fc.constantFrom("..", ".", "", "a", "C:", "\\", "..\\x", "\u0000"), fc.string());
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.constantFrom("/", "\\"), (parts, separator) => {
      const name = parts.join(separator);
      let taken: string[];
      try {
        taken = safeParts(name);
      } catch (error) {
        expect(error).toBeInstanceOf(ValueError);
        return;
      }
      const inside = join("/base", ...taken);
      expect(inside.startsWith("/base/")).toBe(true);
      expect(inside).toBe(`/base/${name}`);
    }),
  );
});
