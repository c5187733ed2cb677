import type { DatasourceCheck } from "@winnow/contract";
import { azureSignature, azuriteAccount, createAzureContainer, role, s3Key, s3Region, startAzurite, startGcsStandIn, startS3Server, type GcsStandIn, type S3Server } from "@winnow/storage/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Configuration } from "../configuration.ts";
import { listAll, names } from "../testing/datasource-scenes.ts";
import { scene } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";

interface Urls {
  urls: { path: string; url: string; headers: Record<string, string> }[];
}

/** Everything that the server says while it runs: answers are looked at by the tests themselves. */
const said: string[] = [];
const settings: Partial<Configuration> & { [Name in "s3Endpoint" | "stsEndpoint" | "gcsEndpoint" | "azureEndpoint"]?: string } = {};
let s3: S3Server;
let gcs: GcsStandIn;
let azurite: Awaited<ReturnType<typeof startAzurite>>;
const before = { ...process.env };

beforeAll(async () => {
  [s3, gcs, azurite] = await Promise.all([startS3Server("pictures"), startGcsStandIn("pictures"), startAzurite()]);
  await createAzureContainer(azurite.endpoint, "pictures");
  Object.assign(settings, { s3Endpoint: s3.endpoint, stsEndpoint: s3.endpoint, gcsEndpoint: gcs.endpoint, azureEndpoint: azurite.endpoint });
  // The identity that assumes the users' roles is the server's own, from its environment.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: s3Key.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey });
  for (const level of ["error", "warn", "log"] as const) vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void said.push(words.map(String).join(" ")));
});
afterAll(async () => {
  vi.restoreAllMocks();
  process.env = before;
  await Promise.all([s3.close(), gcs.close(), azurite.close()]);
});

const common = { thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]", purpose: "INPUT_OUTPUT" };
const providers: Readonly<Record<string, { config: () => Record<string, unknown>; secrets: () => string[]; wrong: () => [Record<string, unknown>, string, RegExp][]; servedHere?: boolean }>> = {
  "S3 by keys (s3rver)": {
    config: () => ({ type: "S3", fullPath: "s3://pictures/by keys", s3Region, s3AccessKeyId: s3Key.accessKeyId, s3SecretAccessKey: s3Key.secretAccessKey, ...common }),
    secrets: () => ["WRONG-SECRET"],
    wrong: () => [
      [{ s3SecretAccessKey: "WRONG-SECRET" }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /secret access key/],
      [{ s3AccessKeyId: "AKIAUNKNOWN" }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /access key id/],
      [{ fullPath: "s3://nothing/x" }, "DATASET_DATASOURCE_INVALID", /no bucket "nothing"/],
      [{ s3Region: "us-east-1" }, "DATASET_DATASOURCE_INVALID", /not in the region us-east-1/],
    ],
  },
  "S3 by an assumed role (s3rver)": {
    config: () => ({ type: "S3DelegatedAccess", fullPath: "s3://pictures/by role", s3Region, s3ARN: role.roleArn, s3ExternalId: role.externalId, ...common }),
    secrets: () => ["secret-of-ASIA"],
    wrong: () => [
      [{ s3ExternalId: "another-external-id" }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /external id/],
      [{ s3ARN: "arn:aws:iam::123456789012:role/other" }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /role\/other/],
    ],
  },
  "Google Cloud Storage (a stand-in)": {
    config: () => ({ type: "GCS", fullPath: "gs://pictures/x", gcsProjectId: "winnow-test", gcsCredentials: gcs.credentials, ...common }),
    secrets: () => [(JSON.parse(gcs.credentials) as { private_key: string }).private_key.split("\n")[1]!],
    wrong: () => [
      [{ gcsCredentials: '{"type": "hunter2"}' }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /service account/],
      [{ fullPath: "gs://nothing/x" }, "DATASET_DATASOURCE_INVALID", /no bucket "nothing"/],
    ],
  },
  "Azure by the account's key (Azurite)": {
    config: () => ({ type: "AZURE", fullPath: "pictures/by key", ...azuriteAccount, ...common }),
    secrets: () => [azuriteAccount.accountKey],
    wrong: () => [
      [{ accountKey: Buffer.alloc(64, 1).toString("base64") }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /account key/],
      [{ accountKey: "hunter2" }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /neither a shared access signature/],
      [{ fullPath: "nothing/x" }, "DATASET_DATASOURCE_INVALID", /no container "nothing"/],
    ],
  },
  "Azure by an access signature (Azurite)": {
    config: () => ({ type: "AZURE", fullPath: "pictures/by signature", accountName: azuriteAccount.accountName, accountKey: signature, ...common }),
    secrets: () => [signature, new URLSearchParams(signature).get("sig")!, encodeURIComponent(new URLSearchParams(signature).get("sig")!)],
    wrong: () => [[{ accountKey: azureSignature("pictures", "rl", -10) }, "DATASET_DATASOURCE_CREDENTIALS_ERROR", /expired/]],
    // Its addresses would carry the signature.
    servedHere: true,
  },
};
const signature = azureSignature("pictures", "rwdlc", 60);

describeServer("Datasources in clouds", (server: ServerUnderTest) => {
  describe.each(Object.entries(providers))("%s", (_, { config: shared, secrets, wrong, servedHere = false }) => {
    /** Servers on either kind of stores see the same clouds: each has a folder of its own there. */
    const config = () => ({ ...shared(), fullPath: `${shared()["fullPath"] as string} (${server.database})` });
    /** What a client does with an address: without token, with the headers that came beside it. */
    const put = async (url: string, body: string, headers: Record<string, string> = {}) => (await fetch(url, { method: "PUT", body, headers })).status;
    let path: string;
    beforeAll(async () => {
      ({ path } = await scene(server));
      await server.call("PUT", `${path}/datasource`, { body: config() });
    });

    test("check, write, list, read, redirect; nothing shows a secret", async () => {
      const answers: string[] = [];
      const ask = async <Body>(method: string, where: string, options: { body?: unknown; query?: Record<string, string | boolean> } = {}): Promise<Body> => {
        const reply = await server.request(method, `${path}/datasource${where}`, options);
        answers.push(reply.bytes.toString(), JSON.stringify(reply.headers));
        if (reply.status >= 400) throw new Error(reply.bytes.toString());
        return reply.body as Body;
      };
      expect(await ask("GET", "/verify")).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
      expect((await ask<DatasourceCheck>("GET", "/check")).errors).toEqual({});
      const files = ["b.jpg", "a b/ü&+%.png", "z.mp4", "notes.txt", ".lightly/predictions/t/b.json", ".lightly/thumbnails/b_thumb.jpg", "relevant.txt"];
      const { urls } = await ask<Urls>("POST", "/writeUrls", { body: { paths: files } });
      expect(urls.map((one) => one.path)).toEqual(files);
      for (const { path: file, url, headers } of urls) expect(await put(url, file === "relevant.txt" ? "z.mp4\nnone.jpg" : file, headers), url).toBeLessThan(300);
      const rows = await listAll(server, path);
      answers.push(JSON.stringify(rows));
      expect(names(rows)).toEqual(["a b/ü&+%.png", "b.jpg", "z.mp4"]);
      for (const { fileName, readUrl } of rows) {
        expect(await (await fetch(readUrl)).text()).toBe(fileName);
        expect(new URL(readUrl).origin === new URL(server.url).origin).toBe(servedHere);
        const part = await fetch(readUrl, { headers: { range: "bytes=1-2" } });
        expect([part.status, await part.text()]).toEqual([206, Buffer.from(fileName).subarray(1, 3).toString()]);
      }
      expect(names(await listAll(server, path, "", { relevantFilenamesFileName: "relevant.txt" }))).toEqual(["z.mp4"]);
      expect(names(await listAll(server, path, "predictions/", { taskName: "t" }))).toEqual([".lightly/predictions/t/b.json"]);
      // Addresses of this server, also where they only lead on.
      for (const { fileName, readUrl } of await listAll(server, path, "", { useRedirectedReadUrl: true })) {
        expect(new URL(readUrl).origin).toBe(new URL(server.url).origin);
        expect(await (await fetch(readUrl)).text()).toBe(fileName);
        const head = await fetch(readUrl, { method: "HEAD" });
        expect([head.status, head.headers.get("content-length")]).toEqual([200, String(Buffer.byteLength(fileName))]);
      }
      const missing = await ask<string>("GET", "/predictions/file", { query: { fileName: "no/such.json" } });
      expect((await fetch(missing)).status).toBe(404);
      // The Python client sends no headers of its own.
      const plain = await ask<string>("GET", "/predictions/writeUrl", { query: { fileName: "t/new.json" } });
      expect(await put(plain, "{}")).toBeLessThan(300);
      expect(await (await fetch(await ask<string>("GET", "/predictions/file", { query: { fileName: "t/new.json" } }))).text()).toBe("{}");
      const redirect = await server.request("GET", `${path}/datasource/readurlRedirect`, { query: { path: "b.jpg" } });
      expect(await (await fetch(String(redirect.headers["location"]))).text()).toBe("b.jpg");
      await ask("GET", "");
      await ask("GET", "/all");
      const everything = [...answers, ...said].join("\n");
      for (const secret of secrets()) expect(everything.includes(secret), "a secret came back").toBe(false);
    });

    test("what is wrong is said by listing and check, without the secret", async () => {
      for (const [change, code, sentence] of wrong()) {
        const { path: other } = await scene(server);
        await server.call("PUT", `${other}/datasource`, { body: { ...config(), ...change } });
        const refused = await server.refusal("GET", `${other}/datasource/list`);
        expect([refused.status, refused.code], refused.message).toEqual([400, code]);
        expect(refused.message).toMatch(sentence);
        const check = await server.call<DatasourceCheck>("GET", `${other}/datasource/check`);
        expect([check.canRead, check.canList, check.canWrite]).toEqual([false, false, false]);
        expect(check.errors.canList).toMatch(sentence);
        const everything = [JSON.stringify(check), refused.message, ...said].join("\n");
        for (const secret of [...secrets(), ...Object.entries(change).filter(([name]) => /secret|accountKey|Credentials/i.test(name)).map(([, value]) => String(value))]) expect(everything.includes(secret)).toBe(false);
      }
    });
  });

  test("a provider that doesn't work is a 503 that says when to ask again, and works again when it does", async () => {
    const { path } = await scene(server);
    await server.call("PUT", `${path}/datasource`, { body: providers["S3 by keys (s3rver)"]!.config() });
    s3.failing = { status: 503, code: "SlowDown" };
    const reply = await server.request("GET", `${path}/datasource/list`, { timeoutMs: 60_000 });
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "5"]);
    s3.failing = undefined;
    expect((await server.request("GET", `${path}/datasource/list`)).status).toBe(200);
  });

  test("a datasource is opened once, until it changes", async () => {
    const { path } = await scene(server);
    const config = providers["S3 by an assumed role (s3rver)"]!.config();
    await server.call("PUT", `${path}/datasource`, { body: config });
    const assumed = () => s3.asked.filter((one) => one === "POST /").length;
    const start = assumed();
    for (let i = 0; i < 5; i++) await server.call("GET", `${path}/datasource/list`);
    expect(assumed() - start).toBe(1);
    await server.call("PUT", `${path}/datasource`, { body: { ...config, thumbSuffix: null } });
    await server.call("GET", `${path}/datasource/list`);
    expect(assumed() - start).toBe(2);
  });
}, settings);
