import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, conforms, failsWith, inTurns } from "../conformance.ts";
import { role, s3Key, s3Region, startS3Server, type S3Server } from "../testing/s3-server.ts";
import { delegatedCredentials, delegatedUrlSecondsMax } from "./s3-delegated.ts";
import { S3Source } from "./s3.ts";

async function s3Stand(open: (server: S3Server) => S3Source) {
  const server = await startS3Server("pictures");
  const source = open(server);
  return {
    open: () => open(server),
    put: (path: string, content: Uint8Array) => source.write(path, content),
    // As s3rver keeps its objects; thousands of requests would only take time.
    putMany: async (paths: readonly string[]) => {
      await inTurns(paths, async (path) => {
        const file = join(server.folder, "pictures/a/base", `${path}._S3rver_object`);
        await mkdir(dirname(file), { recursive: true });
        await Promise.all([writeFile(file, "x"), writeFile(`${file}.md5`, "9dd4e461268c8034f5c8564e155c67a6")]);
      });
    },
    close: () => server.close(),
  };
}

conforms("S3 (s3rver, signatures checked in front)", () => s3Stand(({ endpoint }) => new S3Source("s3://pictures/a/base", { region: s3Region, credentials: s3Key, endpoint })), { manyKeys: 2_600 });

describe("S3", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server("pictures");
  });
  afterAll(() => server.close());
  const open = (changes: { path?: string; region?: string; id?: string; secret?: string } = {}) =>
    new S3Source(changes.path ?? "pictures", { region: changes.region ?? s3Region, credentials: { accessKeyId: changes.id ?? s3Key.accessKeyId, secretAccessKey: changes.secret ?? s3Key.secretAccessKey }, endpoint: server.endpoint });

  it("says whether key, secret, bucket, region or path is wrong, and never shows a secret", async () => {
    expect(await failsWith(open({ id: "AKIAOTHER" }).list({ limit: 1 }), "credential", [s3Key.secretAccessKey])).toContain("access key id");
    expect(await failsWith(open({ secret: "hunter2" }).list({ limit: 1 }), "credential", ["hunter2"])).toContain("secret access key");
    expect(await failsWith(open({ path: "nothing" }).list({ limit: 1 }), "bucket")).toContain('"nothing"');
    expect(await failsWith(open({ region: "us-east-1" }).list({ limit: 1 }), "region")).toMatch(/us-east-1 but in eu-central-1/);
    await failsWith(open().read("none.jpg"), "path");
    for (const path of ["", "s3://", "a b/c", "x/../y"]) expect(() => open({ path })).toThrow(/bucket|path/);
    expect(() => open({ region: "eu-central-1.evil.example/" })).toThrow(/region/);
    const verified = await open({ secret: "hunter2" }).verify();
    expect(verified).toMatchObject({ canRead: false, canWrite: false, canList: false, canOverwrite: false, errors: { canList: expect.stringContaining("secret access key"), canWrite: expect.any(String) } });
  });

  it.each([
    [403, "AccessDenied", "permission"], [301, "PermanentRedirect", "region"], [403, "RequestTimeTooSkewed", "configuration"], [400, "ExpiredToken", "credential"], [503, "SlowDown", "unreachable"], [418, "Strange", "provider"],
  ] as const)("tells %d %s as %s", async (status, code, kind) => {
    server.failing = { status, code };
    const source = new S3Source("pictures", { region: s3Region, credentials: s3Key, endpoint: server.endpoint, retries: 0 });
    await failsWith(source.list({ limit: 1 }), kind);
    await failsWith(source.write("a.jpg", Buffer.from("1")), kind);
    server.failing = undefined;
  });

  it("says that nothing answers", async () => {
    await failsWith(new S3Source("pictures", { region: s3Region, credentials: s3Key, endpoint: "http://127.0.0.1:1" }).list({ limit: 1 }), "unreachable");
  });

  it("jumps over hidden folders instead of listing them", async () => {
    await inTurns(Array.from({ length: 30 }, (_, i) => i), (i) => open().write(`.lightly/predictions/task/${i}.json`, Buffer.from("{}")));
    await open().write("z.jpg", Buffer.from("1"));
    server.asked.length = 0;
    expect((await all(open(), { limit: 5 })).map(({ path }) => path)).toEqual(["z.jpg"]);
    expect(server.asked.filter((one) => one.includes("list-type=2"))).toHaveLength(2);
  });

  it("ends an upload in parts that breaks off", async () => {
    const breaking = async function* () {
      for (let i = 0; i < 20; i++) yield Buffer.alloc(1 << 20);
      throw new Error("broke off");
    };
    server.asked.length = 0;
    await expect(open().write("big.bin", breaking())).rejects.toThrow("broke off");
    expect(server.asked.map((one) => one.split(" ")[0])).toEqual(["POST", "PUT", "PUT", "DELETE"]);
    // s3rver keeps the parts all the same.
    expect(server.asked.at(-1)).toMatch(/big\.bin\?uploadId=/);
  });
});

describe("S3 by an assumed role (s3rver behind a stand-in for the token service)", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server("pictures");
  });
  afterAll(() => server.close());
  const open = (changes: { roleArn?: string; externalId?: string; identity?: typeof s3Key | { accessKeyId: string; secretAccessKey: string } } = {}) =>
    new S3Source("pictures", { region: s3Region, endpoint: server.endpoint, urlSecondsMax: delegatedUrlSecondsMax, credentials: delegatedCredentials({ region: s3Region, ...role, identity: s3Key, endpoint: server.endpoint, ...changes }) });

  it("works with the session's keys, and fetches longer-lived ones for longer-lived addresses", async () => {
    const source = open();
    expect(await source.verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    await source.write("a.jpg", Buffer.from("1"));
    expect(server.asked.filter((one) => one === "POST /")).toHaveLength(1);
    const address = await source.readUrl("a.jpg", delegatedUrlSecondsMax);
    expect(await (await fetch(address)).text()).toBe("1");
    expect((await fetch(address.replace(/X-Amz-Security-Token=[^&]+/, "X-Amz-Security-Token=other"))).status).toBe(403);
    await expect(source.readUrl("a.jpg", 7 * 86_400)).rejects.toThrow(RangeError);
  });

  it("says whether the role, the external id or the server's own identity is wrong", async () => {
    expect(await failsWith(open({ externalId: "another-dataset" }).list({ limit: 1 }), "credential", ["another-dataset"])).toContain("external id");
    await failsWith(open({ roleArn: "arn:aws:iam::123456789012:role/other" }).readUrl("a", 60), "credential");
    expect(await failsWith(open({ identity: { accessKeyId: "AKIAOTHER", secretAccessKey: "hunter2" } }).list({ limit: 1 }), "configuration", ["hunter2"])).toContain("operator");
  });
});
