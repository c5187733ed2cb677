import type { DatasourceConfig } from "@winnow/contract";
import { mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { folderConfig, thumbSuffix, writeFiles } from "../testing/datasource-scenes.ts";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const allowFolders: string[] = [];
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-datasource-"));
  allowFolders.push(join(root, "allowed"));
  await writeFiles(root, ["allowed/data/a.jpg", "allowed/other/b.jpg", "secret/c.jpg"]);
  await symlink(join(root, "secret"), join(root, "allowed/way-out"));
});
afterAll(() => rm(root, { recursive: true }));

const s3 = { type: "S3", fullPath: "s3://my_bucket/path", thumbSuffix, purpose: "INPUT_OUTPUT", s3Region: "eu-central-1", s3AccessKeyId: "AKIAEXAMPLE", s3SecretAccessKey: "secret-of-s3/+=" };
const delegated = { type: "S3DelegatedAccess", fullPath: "s3://my_bucket/path", thumbSuffix: null, purpose: "INPUT_OUTPUT", s3Region: "us-west-2", s3ARN: "arn:aws:iam::123456789012:role/MyRole", s3ExternalId: "external-id-1234567890" };
const gcs = { type: "GCS", fullPath: "gs://my_bucket/p", thumbSuffix, purpose: "INPUT_OUTPUT", gcsProjectId: "my-project", gcsCredentials: JSON.stringify({ type: "service_account", private_key: "secret-of-gcs" }) };
const azure = { type: "AZURE", fullPath: "my-container/p", thumbSuffix, purpose: "INPUT_OUTPUT", accountName: "myaccount", accountKey: "sv=2020-08-04&sig=secret-of-azure" };
const secrets = ["secret-of-s3", "secret-of-gcs", "secret-of-azure"];

describeServer("Configurations of datasources", (server) => {
  test("the allowed folders are there to choose from", async () => {
    expect(await server.call("GET", "/v1/datasources/roots")).toMatchObject({ folders: allowFolders });
  });
  const put = (path: string, body: unknown, token?: string) => server.call("PUT", `${path}/datasource`, { body, ...(token !== undefined && { token }) });
  const get = (path: string, query: Record<string, string> = {}) => server.call<DatasourceConfig>("GET", `${path}/datasource`, { query });
  const purposes = async (path: string) => (await server.call<DatasourceConfig[]>("GET", `${path}/datasource/all`)).map(({ purpose, type }) => `${purpose} ${type}`);

  test("without one, everything says so", async () => {
    const { path } = await scene(server);
    for (const what of ["", "/verify", "/check", "/list", "/metadata/list", "/predictions/list?taskName=a", "/predictions/file?fileName=a.json", "/metadata/file?fileName=a.json", "/embeddings/file?fileName=a.csv", "/predictions/writeUrl?fileName=a.json", "/readurlRedirect?path=a.jpg"]) {
      expect(await server.refusal("GET", `${path}/datasource${what}`), what).toMatchObject({ status: 404, code: "DATASET_DATASOURCE_UNKNOWN" });
    }
    for (const what of ["readUrls", "writeUrls"]) expect(await server.refusal("POST", `${path}/datasource/${what}`, { body: { paths: ["a"] } })).toMatchObject({ status: 404, code: "DATASET_DATASOURCE_UNKNOWN" });
    expect(await server.call("GET", `${path}/datasource/all`)).toEqual([]);
    expect(await server.call("GET", `${path}/datasource/processedUntilTimestamp`)).toEqual({ processedUntilTimestamp: 0 });
  });

  test.each([["S3", s3, "s3SecretAccessKey"], ["GCS", gcs, "gcsCredentials"], ["AZURE", azure, "accountKey"]] as const)("%s is kept, its secret never shown, and kept when the mask comes back", async (_, config, secret) => {
    const { path } = await scene(server);
    await put(path, config);
    const shown = await get(path);
    expect(shown).toEqual({ ...config, [secret]: "********", id: expect.stringMatching(/^[a-f0-9]{24}$/) });
    expect(await server.call("GET", `${path}/datasource/all`)).toEqual([shown]);
    // As a form sends it back, with one thing changed.
    await put(path, { ...shown, thumbSuffix: null });
    expect(await get(path)).toEqual({ ...shown, thumbSuffix: null });
    expect(await stored(path)).toMatchObject({ [secret]: (config as Record<string, unknown>)[secret], thumbSuffix: null });
    // For another purpose it is the same one.
    await put(path, { ...shown, purpose: "INPUT" });
    expect(await stored(path)).toMatchObject({ [secret]: (config as Record<string, unknown>)[secret], purpose: "INPUT" });
    const { path: other } = await scene(server);
    expect(await server.refusal("PUT", `${other}/datasource`, { body: shown })).toMatchObject({ status: 400, code: "DATASET_DATASOURCE_INVALID", message: expect.stringContaining(secret) });
  });

  /** What is in the database, opened with the key of the data folder. */
  async function stored(path: string): Promise<unknown> {
    const { Sources } = await import("./sources.ts");
    const { configuration } = await import("../configuration.ts");
    const db = await server.openDatabase();
    try {
      const row = await db.selectFrom("datasources").selectAll().where("dataset_id", "=", path.split("/").at(-1)!).executeTakeFirstOrThrow();
      const key = Buffer.from((await readFile(join(server.folder, "datasource.key"), "utf8")).trim(), "hex");
      return new Sources(db, key, configuration({ dataFolder: server.folder })).config(row);
    } finally {
      await db.destroy();
    }
  }

  test("a stored secret is never sent to somebody else's account", async () => {
    const { path } = await scene(server);
    await put(path, azure);
    expect((await server.refusal("PUT", `${path}/datasource`, { body: { ...azure, accountName: "attacker", accountKey: "********" } })).message).toContain("accountName");
    await put(path, s3);
    expect((await server.refusal("PUT", `${path}/datasource`, { body: { ...s3, s3AccessKeyId: "other", s3SecretAccessKey: "********" } })).message).toContain("s3AccessKeyId");
    expect(await stored(path)).toMatchObject({ s3SecretAccessKey: s3.s3SecretAccessKey, s3AccessKeyId: s3.s3AccessKeyId });
  });

  test("the key file is made once and is its owner's alone; database, log and answers hold no secret", async () => {
    const said: string[] = [];
    const listen = (...words: unknown[]) => void said.push(words.map((word) => (word instanceof Error ? `${word.stack}${JSON.stringify(word)}` : String(word))).join(" "));
    const spies = [vi.spyOn(console, "error").mockImplementation(listen), vi.spyOn(console, "warn").mockImplementation(listen), vi.spyOn(console, "log").mockImplementation(listen)];
    try {
      const { path } = await scene(server);
      const answers: string[] = [];
      const ask = async (method: string, where: string, body?: unknown) => {
        const reply = await server.send(method, `${path}/datasource${where}`, body === undefined ? {} : { body });
        answers.push(reply.bytes.toString() + JSON.stringify(reply.headers));
      };
      for (const config of [s3, gcs, azure, { ...s3, s3Region: "nowhere" }, { ...s3, s3SecretAccessKey: { "secret-of-s3": 1 } }, { ...gcs, gcsCredentials: { private_key: "secret-of-gcs" } }, { ...azure, accountName: "A/B" }, { ...azure, fullPath: "..", accountKey: "secret-of-azure" }]) {
        await ask("PUT", "", config);
        await ask("GET", "");
        await ask("GET", "/all");
      }
      // Credentials that aren't any are told without being shown; no network is needed for it.
      await put(path, gcs);
      for (const where of ["/verify", "/check", "/list", "/predictions/file?fileName=a.json"]) await ask("GET", where);
      const everything = answers.join("\n") + said.join("\n");
      for (const secret of secrets) expect(everything).not.toContain(secret);
      const file = join(server.folder, "datasource.key");
      const key = await readFile(file, "utf8");
      if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
      for (const name of readdirSync(server.folder)) {
        if (!name.startsWith("winnow.db")) continue;
        const bytes = readFileSync(join(server.folder, name)).toString("latin1");
        for (const secret of [...secrets, key.trim()]) expect(bytes.includes(secret), `${name} holds ${secret}`).toBe(false);
      }
      await put(path, s3);
      await server.stop();
      await server.start();
      expect(await readFile(file, "utf8")).toBe(key);
      expect(await stored(path)).toMatchObject({ s3SecretAccessKey: s3.s3SecretAccessKey });
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  test("credentials that are none are said by verify, check and listings", async () => {
    const { path } = await scene(server);
    await put(path, gcs);
    expect(await server.call("GET", `${path}/datasource/verify`)).toEqual({ canRead: false, canWrite: false, canList: false, canOverwrite: false });
    const check = await server.call<{ errors: Record<string, string> }>("GET", `${path}/datasource/check`);
    expect(check.errors["canList"]).toContain("service account");
    expect(await server.refusal("GET", `${path}/datasource/list`)).toMatchObject({ status: 400, code: "DATASET_DATASOURCE_CREDENTIALS_ERROR", message: expect.stringContaining("service account") });
  });

  test("a datasource for both and a pair take each other's place", async () => {
    const { path } = await scene(server);
    const [data, other] = [join(root, "allowed/data"), join(root, "allowed/other")];
    await put(path, folderConfig(data));
    expect(await purposes(path)).toEqual(["INPUT_OUTPUT LOCAL"]);
    await put(path, { ...s3, purpose: "INPUT" });
    expect(await purposes(path)).toEqual(["INPUT S3"]);
    expect(await server.refusal("GET", `${path}/datasource/predictions/writeUrl`, { query: { fileName: "a.json" } })).toMatchObject({ code: "DATASET_DATASOURCE_ILLEGAL_ACTION", status: 400 });
    await put(path, folderConfig(other, { purpose: "LIGHTLY" }));
    await put(path, folderConfig(data, { purpose: "INPUT" }));
    expect(await purposes(path)).toEqual(["INPUT LOCAL", "LIGHTLY LOCAL"]);
    expect((await get(path)).purpose).toBe("INPUT");
    expect((await get(path, { purpose: "LIGHTLY" })).fullPath).toBe(other);
    expect(await server.refusal("GET", `${path}/datasource`, { query: { purpose: "INPUT_OUTPUT" } })).toMatchObject({ status: 404, code: "DATASET_DATASOURCE_UNKNOWN" });
    await put(path, folderConfig(other));
    expect(await purposes(path)).toEqual(["INPUT_OUTPUT LOCAL"]);
    expect((await get(path)).purpose).toBe("INPUT_OUTPUT");
  });

  test("what can't be right is refused, and named; what was set stays", async () => {
    const { path } = await scene(server);
    await put(path, folderConfig(join(root, "allowed/data")));
    const before = await get(path);
    for (const [config, word] of [
      [{ ...s3, s3Region: "middle-earth-1" }, "s3Region"],
      [{ ...s3, fullPath: "s3://" }, "bucket"],
      [{ ...s3, fullPath: "s3://b!d/x" }, "bucket"],
      [{ ...s3, fullPath: "s3://good/../x" }, `".."`],
      [{ ...s3, purpose: "OUTPUT" }, "purpose"],
      [{ ...s3, s3AccessKeyId: undefined }, "s3AccessKeyId"],
      [{ ...s3, s3SecretAccessKey: "" }, "s3SecretAccessKey"],
      [{ ...delegated, s3ARN: "arn:aws:iam::12:user/x" }, "s3ARN"],
      [{ ...delegated, s3ExternalId: "short" }, "s3ExternalId"],
      [{ ...azure, accountName: "Not An Account" }, "storage account"],
      [{ ...azure, fullPath: "Upper/x" }, "container"],
      [{ ...s3, type: "OBS" }, "type"],
      [{ type: "LIGHTLY", fullPath: "", purpose: "INPUT_OUTPUT" }, "LIGHTLY"],
      [folderConfig(join(root, "allowed/nowhere")), "There is no folder"],
      [folderConfig(join(root, "allowed/data/a.jpg")), "is a file"],
      [folderConfig(join(root, "secret")), "allow"],
      [folderConfig(join(root, "allowed/way-out")), "allow"],
      [folderConfig(join(root, "allowed/../secret")), "allow"],
      [folderConfig("relative/folder"), "whole path"],
      [folderConfig("http://user:hunter2@example.org/"), "password"],
      [folderConfig("http://example.org/?key=1"), "nothing with ?"],
      [folderConfig("ftp://example.org/"), "http"],
      [folderConfig(join(root, "allowed/data"), { thumbSuffix: "thumb.jpg" }), "[filename]"],
      [folderConfig(join(root, "allowed/data"), { thumbSuffix: "../[filename].jpg" }), "thumbnail suffix"],
      [folderConfig(join(root, "allowed/data"), { thumbSuffix: 3 }), "thumbSuffix"],
      [null, "type"],
    ] as const) {
      const { status, message } = await server.refusal("PUT", `${path}/datasource`, { body: config });
      expect([status, message.includes(word)], `${JSON.stringify(config)}: ${message}`).toEqual([400, true]);
      expect(message).not.toContain("hunter2");
    }
    expect(await get(path)).toEqual(before);
  });

  test("the data folder of the server is nobody's datasource, also below an allowed folder", async () => {
    allowFolders.push(tmpdir());
    await server.stop();
    await server.start();
    allowFolders.pop();
    const { path } = await scene(server);
    for (const inside of ["", "/blobs"]) expect(await server.refusal("PUT", `${path}/datasource`, { body: folderConfig(server.folder + inside) })).toMatchObject({ status: 400 });
    await put(path, folderConfig(join(server.folder, "..")));
    const name = server.folder.split("/").at(-1)!;
    const { urls } = await server.call<{ urls: { url: string }[] }>("POST", `${path}/datasource/readUrls`, { body: { paths: [`${name}/datasource.key`, `${name}/winnow.db`] } });
    for (const { url } of urls) expect((await server.open(url)).status).toBe(400);
    const { urls: writes } = await server.call<{ urls: { url: string }[] }>("POST", `${path}/datasource/writeUrls`, { body: { paths: [`${name}/new.txt`] } });
    expect((await server.open(writes[0]!.url, { method: "PUT", raw: "x" })).status).toBe(400);
    await server.stop();
    await server.start();
  });

  test("processed-until is kept", async () => {
    const { path } = await scene(server);
    const at = `${path}/datasource/processedUntilTimestamp`;
    await server.call("PUT", at, { body: { processedUntilTimestamp: 1_700_000_123 } });
    await server.call("PUT", at, { body: { processedUntilTimestamp: 1_700_000_124 } });
    expect(await server.call("GET", at)).toEqual({ processedUntilTimestamp: 1_700_000_124 });
    for (const wrong of [-1, 1.5, "1", null]) expect((await server.refusal("PUT", at, { body: { processedUntilTimestamp: wrong } })).message).toContain("processedUntilTimestamp");
  });

  test("two users: nobody sees or changes another's, whom it is shared with may, and a deleted dataset has none", async () => {
    const user = await server.addUser();
    const { path, id } = await scene(server);
    await put(path, s3);
    for (const [method, where, body] of [["GET", "", undefined], ["GET", "/all", undefined], ["PUT", "", s3], ["GET", "/verify", undefined], ["GET", "/check", undefined], ["GET", "/list", undefined], ["POST", "/readUrls", { paths: ["a"] }], ["POST", "/writeUrls", { paths: ["a"] }], ["PUT", "/processedUntilTimestamp", { processedUntilTimestamp: 1 }]] as const) {
      expect(await server.refusal(method, `${path}/datasource${where}`, { token: user.token, ...(body && { body }) }), where).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
      expect((await server.refusal(method, `${path}/datasource${where}`, { token: null, ...(body && { body }) })).status).toBe(401);
    }
    await server.call("POST", `${path}/collaboration/access`, { body: { accessType: "WRITE", users: [user.email] } });
    expect((await server.call<DatasourceConfig>("GET", `${path}/datasource`, { token: user.token })).fullPath).toBe(s3.fullPath);
    await put(path, folderConfig(join(root, "allowed/data")), user.token);
    const { urls } = await server.call<{ urls: { url: string }[] }>("POST", `${path}/datasource/readUrls`, { body: { paths: ["a.jpg"] }, token: user.token });
    expect((await server.open(urls[0]!.url)).bytes.toString()).toBe("allowed/data/a.jpg");
    await server.call("DELETE", `/v1/datasets/${id}`);
    expect((await server.open(urls[0]!.url)).status).toBe(404);
    expect((await server.refusal("GET", `${path}/datasource`)).code).toBe("DATASET_UNKNOWN");
  });
}, { allowFolders });

describeServer("A server that allows no folders", (server) => {
  test("has none to offer", async () => {
    expect(await server.call("GET", "/v1/datasources/roots")).toEqual({ folders: [], fileServers: [] });
  });

  test("says what to do instead", async () => {
    const { path } = await scene(server);
    expect((await server.refusal("PUT", `${path}/datasource`, { body: folderConfig(root) })).message).toContain("winnow serve");
  });
});
