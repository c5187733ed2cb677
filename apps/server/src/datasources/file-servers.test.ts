import type { DatasourceCheck } from "@winnow/contract";
import { startFileServer, type FileServer } from "@winnow/storage";
import { pythonIsMissing, startPythonFileServer } from "@winnow/storage/testing";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Configuration } from "../configuration.ts";
import { folderConfig, listAll, names, writeFiles } from "../testing/datasource-scenes.ts";
import { scene } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";

const key = "a key of a file server, shared by its operator";
let root: string;
let open: FileServer;
let writable: FileServer;
let redirecting: Server;
const address = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const settings: { fileServerKeys?: Record<string, string> } & Partial<Configuration> = {};
const elsewhere: { allowAddresses?: string[] } & Partial<Configuration> = { host: "0.0.0.0" };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-served-"));
  await writeFiles(root, ["my data/a.jpg", "my data/sub/ü b.png", "my data/.lightly/predictions/t/a.json", "my data/notes.txt", "other.jpg"]);
  open = await startFileServer({ folder: root, port: 0 });
  writable = await startFileServer({ folder: root, port: 0, key: Buffer.from(key), writable: true, privateReads: true });
  redirecting = createServer((request, response) => {
    const to = new URL(request.url ?? "/", "http://x").searchParams.get("to");
    response.writeHead(302, { Location: to ?? "http://169.254.169.254/latest/meta-data/" }).end();
  });
  await new Promise<void>((done) => redirecting.listen(0, "127.0.0.1", done));
  settings.fileServerKeys = { [new URL(writable.url).origin]: key };
  elsewhere.allowAddresses = [new URL(open.url).host];
});
afterAll(async () => {
  await Promise.all([open.close(), writable.close(), new Promise((done) => redirecting.close(done))]);
  await rm(root, { recursive: true });
});

async function connected(server: ServerUnderTest, fullPath: string): Promise<string> {
  const { path } = await scene(server);
  await server.call("PUT", `${path}/datasource`, { body: folderConfig(fullPath) });
  return path;
}

const listed = ["a.jpg", "sub/ü b.png"];

describeServer("File servers as datasources", (server) => {
  test.each(["our own", "Python's"])("%s: listed, read, and not written", async (which) => {
    if (which !== "our own" && pythonIsMissing()) return;
    const python = which === "our own" ? undefined : await startPythonFileServer(root);
    try {
      const path = await connected(server, `${python?.url ?? open.url}my data`);
      const rows = await listAll(server, path);
      expect(names(rows)).toEqual(listed);
      for (const { fileName, readUrl } of rows) expect(await (await fetch(readUrl)).text()).toBe(`my data/${fileName}`);
      expect(names(await listAll(server, path, "predictions/", { taskName: "t" }))).toEqual([".lightly/predictions/t/a.json"]);
      const check = await server.call<DatasourceCheck>("GET", `${path}/datasource/check`);
      expect(check).toMatchObject({ canRead: true, canList: true, canWrite: false, errors: { canWrite: expect.stringContaining("winnow serve") } });
      const address = await server.call<string>("GET", `${path}/datasource/predictions/writeUrl`, { query: { fileName: "t/b.json" } });
      const refused = await server.open(address, { method: "PUT", raw: "{}" });
      expect([refused.status, (refused.body as { message: string }).message]).toEqual([400, expect.stringContaining("winnow serve")]);
    } finally {
      await python?.close();
    }
  });

  test("one that takes files, for whom its key is known: signed both ways", async () => {
    const path = await connected(server, `${writable.url}my%20data/`);
    expect(await server.call("GET", `${path}/datasource/verify`)).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    const rows = await listAll(server, path);
    expect(names(rows)).toEqual(listed);
    expect(await (await fetch(rows[0]!.readUrl)).text()).toBe("my data/a.jpg");
    const url = await server.call<string>("GET", `${path}/datasource/predictions/writeUrl`, { query: { fileName: "t/new.json" } });
    expect((await fetch(url, { method: "PUT", body: "{}" })).status).toBe(201);
    expect(await readFile(join(root, "my data/.lightly/predictions/t/new.json"), "utf8")).toBe("{}");
    await rm(join(root, "my data/.lightly/predictions/t/new.json"));
  });

  test("what is wrong is said: no server, no folder, no listing", async () => {
    for (const [where, status, sentence] of [
      ["http://127.0.0.1:1/", 503, "Nothing answers"],
      ["http://no-such-host.invalid/", 503, "no-such-host.invalid"],
      [`${open.url}nothing`, 404, "There is no folder"],
    ] as const) {
      const path = await connected(server, where);
      const { status: got, message } = await server.refusal("GET", `${path}/datasource/list`);
      expect([got, message.includes(sentence)], message).toEqual([status, true]);
      expect((await server.call<DatasourceCheck>("GET", `${path}/datasource/check`)).errors.canList).toContain(sentence);
    }
  });

  test("nothing leads into private networks or to metadata services, redirects neither", async () => {
    for (const where of ["http://169.254.169.254/", "http://10.0.0.1/", "http://192.168.1.1:8080/", "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/", "http://100.100.100.200/", `${address(redirecting)}/`, `${address(redirecting)}/sub`]) {
      const path = await connected(server, where);
      const { status, code, message } = await server.refusal("GET", `${path}/datasource/list`);
      expect([status, code], `${where}: ${message}`).toEqual([400, "DATASET_DATASOURCE_INVALID"]);
      expect(message).toContain("may not contact");
      const check = await server.call<DatasourceCheck>("GET", `${path}/datasource/check`);
      expect([check.canRead, check.canList, check.canWrite]).toEqual([false, false, false]);
    }
  });
}, settings);

describeServer("File servers for a server that others reach", (server) => {
  // It listens to all of this machine, so its own address isn't the one to connect to.
  test("this machine is refused, unless the operator allows the host", async () => {
    const refused = await server.refusal("GET", `${await connected(server, address(redirecting))}/datasource/list`);
    expect(refused.message).toContain("may not contact");
    expect(names(await listAll(server, await connected(server, `${open.url}my data`)))).toEqual(listed);
    expect((await server.refusal("GET", `${await connected(server, open.url.replace("127.0.0.1", "localhost"))}/datasource/list`)).message).toContain("may not contact");
  });
}, elsewhere);
