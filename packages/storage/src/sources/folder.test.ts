import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, conforms, failsWith, inTurns } from "../conformance.ts";
import { startFileServer } from "../file-server.ts";
import { FolderSource } from "./folder.ts";

const key = Buffer.alloc(32, 3);

conforms(
  "a folder",
  async () => {
    const root = await mkdtemp(join(tmpdir(), "winnow-folder-"));
    // A folder has no addresses of its own: here our file server gives them, as the platform's server would.
    const server = await startFileServer({ folder: root, key, writable: true, port: 0 });
    const put = async (path: string, content: Uint8Array) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    };
    return {
      // A window smaller than the folders: they are read in several passes.
      open: () => new FolderSource(root, { windowSize: 700, url: server.urlFor }),
      put,
      close: async () => {
        await server.close();
        await rm(root, { recursive: true });
      },
    };
  },
  { manyKeys: 6_000 },
);

describe("a folder below allowed roots", () => {
  let top: string;
  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), "winnow-roots-"));
    for (const one of ["allowed/data/a.jpg", "allowed/data/sub/b.jpg", "allowed/other/c.jpg", "secret/key.jpg"]) {
      await mkdir(dirname(join(top, one)), { recursive: true });
      await writeFile(join(top, one), one);
    }
    await symlink(join(top, "secret"), join(top, "allowed/data/out"));
    await symlink(join(top, "secret/key.jpg"), join(top, "allowed/data/out.jpg"));
    await symlink(join(top, "nowhere"), join(top, "allowed/data/dangling"));
    await symlink("../other", join(top, "allowed/data/link"));
    await symlink("..", join(top, "allowed/data/sub/loop"));
    await symlink(join(top, "secret"), join(top, "allowed/door"));
  });
  afterAll(() => rm(top, { recursive: true }));
  const open = (folder: string) => new FolderSource(join(top, folder), { roots: [join(top, "allowed")] });

  it("keeps closed folders closed, however one comes to them", async () => {
    await mkdir(join(top, "allowed/data/kept/deep"), { recursive: true });
    await writeFile(join(top, "allowed/data/kept/deep/k.jpg"), "k");
    await symlink("data/kept", join(top, "allowed/way-in"));
    const source = new FolderSource(join(top, "allowed"), { closed: [join(top, "allowed/data/kept")] });
    expect((await all(source, { limit: 3 })).map(({ path }) => path).filter((path) => path.includes("k.jpg"))).toEqual([]);
    for (const path of ["data/kept/deep/k.jpg", "way-in/deep/k.jpg", "data/kept/new.jpg"]) {
      await failsWith(source.read(path), "permission");
      await failsWith(source.write(path, Buffer.from("x")), "permission");
      await failsWith(source.remove(path), "permission");
    }
    await failsWith(new FolderSource(join(top, "allowed/data/kept/deep"), { roots: [top], closed: [join(top, "allowed/data/kept")] }).list({ limit: 1 }), "permission");
    await rm(join(top, "allowed/way-in"));
    await rm(join(top, "allowed/data/kept"), { recursive: true });
  });

  it("follows links that stay inside, and no others", async () => {
    const paths = (await all(open("allowed/data"), { limit: 2 })).map(({ path }) => path);
    expect(paths).toEqual(["a.jpg", "link/c.jpg", "sub/b.jpg"]);
    expect((await buffer(await open("allowed/data").read("link/c.jpg"))).toString()).toBe("allowed/other/c.jpg");
  });

  it("neither reads nor writes through links that lead out", async () => {
    const source = open("allowed/data");
    await failsWith(source.read("out/key.jpg"), "permission");
    await failsWith(source.read("out.jpg"), "permission");
    await failsWith(source.write("out/new.jpg", Buffer.from("x")), "permission");
    await failsWith(source.remove("out/key.jpg"), "permission");
    await failsWith(source.write("dangling/new.jpg", Buffer.from("x")), "path");
    await source.write("out.jpg", Buffer.from("replaces the link"));
    expect((await buffer(await open("allowed/data").read("out.jpg"))).toString()).toBe("replaces the link");
  });

  it.each(["secret", "allowed/door", "allowed/../secret", "allowe"])("refuses the datasource %s", async (folder) => {
    const verified = await open(folder).verify();
    expect(verified).toMatchObject({ canRead: false, canList: false, canWrite: false });
    await failsWith(open(folder).list({ limit: 1 }), folder === "allowe" ? "path" : "permission");
  });

  it("names the folder that isn't there", async () => {
    expect(await failsWith(open("allowed/nothing").list({ limit: 1 }), "path")).toContain("allowed/nothing");
    await failsWith(open("allowed/nothing").facts("a.jpg"), "path");
    expect(await failsWith(open("allowed/data").readUrl("a.jpg", 5), "configuration")).toContain("no addresses");
  });
});

it("lists a folder of 12,000 names in windows, each page after a restart", async () => {
  const root = await mkdtemp(join(tmpdir(), "winnow-flat-"));
  const names = Array.from({ length: 12_000 }, (_, i) => `${(i * 7919) % 12_000}.jpg`);
  await inTurns(names, (name) => writeFile(join(root, name), ""), 64);
  let count = 0;
  let before = "";
  for (let cursor: string | undefined, hasMore = true; hasMore; ) {
    const page = await new FolderSource(root, { windowSize: 2_000 }).list({ limit: 2_500, ...(cursor && { cursor }) });
    for (const { path } of page.entries) {
      expect(path > before).toBe(true);
      before = path;
      count++;
    }
    ({ cursor, hasMore } = page);
  }
  expect(count).toBe(names.length);
  await rm(root, { recursive: true });
});
