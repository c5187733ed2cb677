import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { failsWith } from "./conformance.ts";
import { startFileServer } from "./file-server.ts";
import { openSource, sourceKey, type SourceConfig } from "./open-source.ts";
import { role, s3Key, s3Region, startS3Server } from "./testing/s3-server.ts";

it("takes a folder only below roots that the operator allows", async () => {
  const root = await mkdtemp(join(tmpdir(), "winnow-open-"));
  await writeFile(join(root, "a.jpg"), "1");
  const config = { type: "LOCAL", fullPath: root } as const;
  expect((await (await openSource(config, { local: { roots: [tmpdir()] } })).list({ limit: 5 })).entries.map(({ path }) => path)).toEqual(["a.jpg"]);
  expect(await failsWith(openSource(config), "permission")).toContain("winnow serve");
  await failsWith(openSource({ ...config, fullPath: "relative/folder" }, { local: { roots: ["/"] } }), "configuration");
  await failsWith((await openSource({ ...config, fullPath: `${root}/..` }, { local: { roots: [root] } })).list({ limit: 5 }), "permission");
  await rm(root, { recursive: true });
});

it("takes a file server, with the operator's key for it", async () => {
  const root = await mkdtemp(join(tmpdir(), "winnow-open-"));
  const key = Buffer.alloc(32, 9);
  const server = await startFileServer({ folder: root, key, writable: true, privateReads: true, port: 0 });
  const config = { type: "LOCAL", fullPath: server.url } as const;
  const source = await openSource(config, { http: { allowPrivateAddresses: true, keys: { [new URL(server.url).origin]: key } } });
  expect(await source.verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
  source.close();
  expect((await (await openSource(config)).verify()).errors?.canList).toContain("may not contact");
  await failsWith(openSource({ type: "LOCAL", fullPath: "ftp://example.org/" }), "configuration");
  await server.close();
  await rm(root, { recursive: true });
});

it("takes S3 by keys and by an assumed role", async () => {
  const server = await startS3Server("pictures");
  const options = { s3: { endpoint: server.endpoint, stsEndpoint: server.endpoint, identity: s3Key } };
  for (const config of [
    { type: "S3", fullPath: "s3://pictures/x", s3Region, s3AccessKeyId: s3Key.accessKeyId, s3SecretAccessKey: s3Key.secretAccessKey },
    { type: "S3DelegatedAccess", fullPath: "s3://pictures/y", s3Region, s3ARN: role.roleArn, s3ExternalId: role.externalId },
  ] as const) {
    const source = await openSource(config, options);
    expect(await source.verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    source.close();
  }
  await server.close();
});

it("makes addresses of the real clouds without contacting them", async () => {
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  const configs: [SourceConfig, RegExp][] = [
    [{ type: "S3", fullPath: "pictures/x", s3Region: "eu-central-1", s3AccessKeyId: "AKIA", s3SecretAccessKey: "s" }, /^https:\/\/pictures\.s3\.eu-central-1\.amazonaws\.com\/x\/a%20b\.jpg\?.*X-Amz-Expires=60&/],
    [{ type: "GCS", fullPath: "pictures/x", gcsProjectId: "p", gcsCredentials: JSON.stringify({ type: "service_account", client_email: "a@b", private_key: pem }) }, /^https:\/\/storage\.googleapis\.com\/pictures\/x\/a%20b\.jpg\?.*X-Goog-Expires=60&/],
    [{ type: "AZURE", fullPath: "pictures/x", accountName: "account", accountKey: Buffer.alloc(64).toString("base64") }, /^https:\/\/account\.blob\.core\.windows\.net\/pictures\/x\/a%20b\.jpg\?.*&se=.*&sp=r&/],
  ];
  for (const [config, expected] of configs) expect(await (await openSource(config)).readUrl("a b.jpg", 60)).toMatch(expected);
});

it("refuses what it doesn't know, and tells places apart without showing secrets", async () => {
  await failsWith(openSource({ type: "LIGHTLY", fullPath: "" }), "configuration");
  await failsWith(openSource({ type: "OBS", fullPath: "" } as unknown as SourceConfig), "configuration");
  const one = { type: "AZURE", fullPath: "a", accountName: "b", accountKey: "hunter2" } as const;
  expect(sourceKey(one)).toBe(sourceKey({ accountKey: "hunter2", accountName: "b", fullPath: "a", type: "AZURE" }));
  expect(sourceKey(one)).not.toBe(sourceKey({ ...one, accountKey: "other" }));
});
