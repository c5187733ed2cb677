/** What is set wrong in a datasource is said: at once where it can be seen, else by the check and by the run, each time naming what it is. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { azureSignature, azuriteAccount, createAzureContainer, pythonIsMissing, role, s3Key, s3Region, startAzurite, startGcsStandIn, startPythonFileServer, startS3Server } from "@winnow/storage/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RunScene, numbered, writePictures } from "./worker-scene.ts";

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let files: string;
let s3: Awaited<ReturnType<typeof startS3Server>>;
let gcs: Awaited<ReturnType<typeof startGcsStandIn>>;
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let python: Awaited<ReturnType<typeof startPythonFileServer>> | undefined;
let scene: RunScene;
const missing = pythonIsMissing();
const shop = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>A shop</title><h1>Welcome</h1>"));
const before = { ...process.env };

beforeAll(async () => {
  files = await mkdtemp(join(tmpdir(), "winnow-wrong-"));
  await writePictures(files, numbered(2));
  [s3, gcs, azurite, python] = await Promise.all([startS3Server("pictures"), startGcsStandIn("pictures"), startAzurite(), missing === undefined ? startPythonFileServer(files) : undefined]);
  await createAzureContainer(azurite.endpoint, "pictures");
  await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
  // The identity that assumes the users' roles is the server's own, from its environment.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: s3Key.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey });
  scene = await RunScene.begin({ s3Endpoint: s3.endpoint, stsEndpoint: s3.endpoint, gcsEndpoint: gcs.endpoint, azureEndpoint: azurite.endpoint });
  await writeFile(join(scene.folder, "a file"), "1");
});
afterAll(async () => {
  process.env = before;
  await scene?.end();
  await Promise.all([s3?.close(), gcs?.close(), azurite?.close(), python?.close(), new Promise((done) => shop.close(done))]);
  await rm(files, { recursive: true, force: true });
});

/** A dataset's name has letters, digits and spaces only. */
const named = (text: string) => text.replace(/[^a-zA-Z0-9]+/g, " ").trim();

/** What is set, what is told of it, and by whom: at once by whoever connects, or by check and run. */
type Wrong = readonly [what: string, connect: (client: ApiWorkflowClient) => Promise<unknown>, sentence: RegExp];

/** What differs from a datasource that works. */
type Changes<Name extends string> = { readonly [One in Name]?: string };
type Region = Parameters<ApiWorkflowClient["setS3Config"]>[1];
const keys = (client: ApiWorkflowClient, { path = "s3://pictures/a", region = s3Region, id = s3Key.accessKeyId, secret = s3Key.secretAccessKey }: Changes<"path" | "region" | "id" | "secret"> = {}) => client.setS3Config(path, region as Region, id, secret);
const byRole = (client: ApiWorkflowClient, { path = "s3://pictures/a", region = s3Region, arn = role.roleArn, externalId = role.externalId }: Changes<"path" | "region" | "arn" | "externalId"> = {}) => client.setS3DelegatedAccessConfig(path, region as Region, arn, externalId);
const google = (client: ApiWorkflowClient, { path = "gs://pictures/a", credentials = gcs.credentials }: Changes<"path" | "credentials"> = {}) => client.setGcsConfig(path, "winnow-test", credentials);
const azure = (client: ApiWorkflowClient, { path = "pictures/a", account = azuriteAccount.accountName, key = azuriteAccount.accountKey }: Changes<"path" | "account" | "key"> = {}) => client.setAzureConfig(path, account, key);

const told: readonly Wrong[] = [
  ["S3: access key id", (client) => keys(client, { id: "AKIAOTHER" }), /doesn't know the access key id/],
  ["S3: secret access key", (client) => keys(client, { secret: "hunter2" }), /secret access key doesn't belong/],
  ["S3: bucket", (client) => keys(client, { path: "s3://nothing/a" }), /no bucket "nothing"/],
  ["S3: region", (client) => keys(client, { region: "us-east-1" }), /"pictures" is not in the region us-east-1 but in eu-central-1/],
  ["S3 by a role: role", (client) => byRole(client, { arn: "arn:aws:iam::123456789012:role/other" }), /role\/other can't be assumed: check the ARN, the external id/],
  ["S3 by a role: external id", (client) => byRole(client, { externalId: "another-external-id" }), /can't be assumed: check the ARN, the external id/],
  ["S3 by a role: bucket", (client) => byRole(client, { path: "s3://nothing/a" }), /no bucket "nothing"/],
  ["S3 by a role: region", (client) => byRole(client, { region: "us-east-1" }), /"pictures" is not in the region us-east-1 but in eu-central-1/],
  ["Google Cloud Storage (a stand-in): key", (client) => google(client, { credentials: '{"type": "hunter2"}' }), /not the JSON key of a service account/],
  ["Google Cloud Storage (a stand-in): bucket", (client) => google(client, { path: "gs://nothing/a" }), /no bucket "nothing"/],
  ["Azure: account", (client) => azure(client, { account: "anotheraccount" }), /check it, the name of the account/],
  ["Azure: account key", (client) => azure(client, { key: Buffer.alloc(64, 1).toString("base64") }), /refuses the account key/],
  ["Azure: no key", (client) => azure(client, { key: "hunter2" }), /neither a shared access signature .* nor an account key/],
  ["Azure: signature that has run out", (client) => azure(client, { key: azureSignature("pictures", "rl", -10) }), /signature has expired/],
  ["Azure: signature that allows too little", (client) => azure(client, { key: azureSignature("pictures", "r", 60) }), /signature doesn't allow this in the container "pictures"/],
  ["Azure: container", (client) => azure(client, { path: "nothing/a" }), /no container "nothing" in the account/],
  ["file server: port", (client) => client.setLocalConfig("http://127.0.0.1:1/"), /Nothing answers at http:\/\/127\.0\.0\.1:1: .*port/],
  ["file server: name", (client) => client.setLocalConfig("http://no-such-host.invalid/"), /no-such-host\.invalid/],
  ["a website: no file server", (client) => client.setLocalConfig(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`), /doesn't answer with a list of its files: switch directory listings on/],
  ...(missing === undefined
    ? ([
        ["Python's file server: path", (client) => client.setLocalConfig(`${python!.url}nowhere`), /no folder at http:.*\/nowhere\//],
        ["Python's file server: a file's path", (client) => client.setLocalConfig(`${python!.url}000.jpg`), /no folder at http:.*\/000\.jpg\//],
      ] satisfies Wrong[])
    : []),
];

describe("said by the check and by the run", () => {
  test.each(told)("%s", async (what, connect, sentence) => {
    const client = scene.newClient();
    await client.createDataset(named(`wrong ${what}`));
    await connect(client);
    const check = await client.call(domains.datasources.checkDatasourceByDatasetId, { path: { datasetId: await client.datasetId }, query: {} });
    expect(check.canList).toBe(false);
    expect(check.errors.canList).toMatch(sentence);
    await client.scheduleComputeWorkerRun();
    const lines = await scene.work();
    const { state, message } = await scene.lastRun(await client.datasetId);
    expect(state).toBe("FAILED");
    expect(message).toMatch(sentence);
    expect(message).toMatch(/Put it right and schedule the run again\.$/);
    expect(JSON.stringify([check, message, lines])).not.toMatch(/hunter2|sig=\w/);
    expect(await client.getProcessedUntilTimestamp()).toBe(0);
  });
});

describe("a path below which nothing lies: a bucket has no folders that could be missing, so the run names it", () => {
  test.each<[string, (client: ApiWorkflowClient) => Promise<unknown>]>([
    ["s3://pictures/nowhere", (client) => keys(client, { path: "s3://pictures/nowhere" })],
    ["gs://pictures/nowhere", (client) => google(client, { path: "gs://pictures/nowhere" })],
    ["pictures/nowhere", (client) => azure(client, { path: "pictures/nowhere" })],
  ])("%s", async (path, connect) => {
    const client = scene.newClient();
    await client.createDataset(named(`empty ${path}`));
    await connect(client);
    await client.scheduleComputeWorkerRun();
    await scene.work();
    expect(await scene.lastRun(await client.datasetId)).toMatchObject({ state: "COMPLETED", message: `There are no images or videos in the datasource at ${path}. If there should be, check its path.` });
    expect(await client.getProcessedUntilTimestamp()).toBe(0);
  });
});

describe("said at once", () => {
  test.each<[string, (client: ApiWorkflowClient) => Promise<unknown>, RegExp]>([
    ["S3: a region that there isn't", (client) => keys(client, { region: "middle-earth-1" }), /"s3Region" must be one of .*eu-central-1.*, got "middle-earth-1"/],
    ["S3: a path that leads out", (client) => keys(client, { path: "pictures/../other" }), /path "pictures\/\.\.\/other"/],
    ["Azure: an account's name that can't be one", (client) => azure(client, { account: "Not An Account" }), /storage account/],
    ["folder: missing", (client) => client.setLocalConfig(join(scene.folder, "nowhere")), /no folder ".*nowhere" on the machine of the server/],
    ["folder: a file", (client) => client.setLocalConfig(join(scene.folder, "a file")), /a file" is a file, not a folder/],
    ["folder: not allowed", (client) => client.setLocalConfig(files), /not below one that the operator of the server allows/],
    ["folder: not a whole path", (client) => client.setLocalConfig("pictures"), /neither an address of a file server .* nor the whole path of a folder/],
    ["file server: a password in the address", (client) => client.setLocalConfig("http://me:hunter2@127.0.0.1:1/"), /can't hold a user name or password/],
  ])("%s", async (what, connect, sentence) => {
    const client = scene.newClient();
    await client.createDataset(named(`refused ${what}`));
    const refusal = await connect(client).then(() => "nothing", (error: Error) => error.message);
    expect(refusal).toMatch(sentence);
    expect(refusal).not.toContain("hunter2");
  });
});
