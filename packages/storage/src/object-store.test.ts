import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlobCache } from "./blob-cache.ts";
import { keepsBlobs } from "./blob-conformance.ts";
import { openBlobStore, parseBlobPlace, type BlobPlace } from "./blob-place.ts";
import { BlobStoreError } from "./errors.ts";
import type { ObjectStore } from "./object-store.ts";
import { createAzureContainer } from "./testing/azure-container.ts";
import { azuriteAccount, startAzurite } from "./testing/azurite.ts";
import { startGcsStandIn } from "./testing/gcs-stand-in.ts";
import { s3Key, s3Region, startS3Server, type S3Server } from "./testing/s3-server.ts";

async function stand(place: BlobPlace, close: () => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "winnow-cache-"));
  const store = await openBlobStore(place, { folder, bytesMax: 1 << 20 });
  return {
    store,
    close: async () => {
      store.close();
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

keepsBlobs("S3 (s3rver, signatures checked in front)", async () => {
  const server = await startS3Server("blobs");
  return stand(parseBlobPlace(`s3://blobs/some/prefix?endpoint=${encodeURIComponent(server.endpoint)}&region=${s3Region}`, "", { AWS_ACCESS_KEY_ID: s3Key.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey }), server.close);
});

keepsBlobs("Google Cloud Storage (a stand-in written for these tests, spoken to by the official client)", async () => {
  const server = await startGcsStandIn("blobs");
  return stand({ type: "gs", path: "blobs/some/prefix", endpoint: server.endpoint, credentials: server.credentials }, server.close);
});

keepsBlobs("Azure (Azurite, account key)", async () => {
  const server = await startAzurite();
  await createAzureContainer(server.endpoint, "blobs");
  return stand(parseBlobPlace(`azure://blobs/some/prefix?endpoint=${encodeURIComponent(server.endpoint)}`, "", { AZURE_STORAGE_ACCOUNT: azuriteAccount.accountName, AZURE_STORAGE_KEY: azuriteAccount.accountKey }), server.close);
});

describe("An object store", () => {
  let server: S3Server;
  let folder: string;
  beforeAll(async () => {
    server = await startS3Server("blobs");
    folder = await mkdtemp(join(tmpdir(), "winnow-cache-"));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const open = (secretAccessKey: string = s3Key.secretAccessKey) => openBlobStore({ type: "s3", path: "blobs", region: s3Region, endpoint: server.endpoint, credentials: { accessKeyId: s3Key.accessKeyId, secretAccessKey } }, { folder, bytesMax: 100 });

  it("fetches what it opens once for each content", async () => {
    const store = await open();
    await store.write("vectors", Buffer.from("x".repeat(40)));
    const fetched = () => server.asked.filter((one) => one.startsWith("GET /blobs/vectors")).length;
    const before = fetched();
    for (let i = 0; i < 3; i++) await (await store.open("vectors")).close();
    expect(fetched()).toBe(before + 1);
    await store.write("vectors", Buffer.from("y".repeat(40)));
    await (await store.open("vectors")).close();
    expect(fetched()).toBe(before + 2);
    store.close();
  });

  it("says at the start what is wrong with it", async () => {
    for (const [path, secret, sentence] of [["nothing", s3Key.secretAccessKey, 'There is no bucket "nothing"'], ["blobs", "hunter2", "secret access key"]] as const) {
      const store = await openBlobStore({ type: "s3", path, region: s3Region, endpoint: server.endpoint, credentials: { accessKeyId: s3Key.accessKeyId, secretAccessKey: secret } }, { folder, bytesMax: 100 });
      await expect((store as ObjectStore).check()).rejects.toThrow(sentence);
      store.close();
    }
    await expect(((await open()) as ObjectStore).check()).resolves.toBeUndefined();
  });

  it("tells that it failed, without what its client knows", async () => {
    const store = await open("hunter2");
    const attempts = await Promise.allSettled([store.read("a"), store.facts("a"), store.write("a", Buffer.from("x")), store.remove("a"), store.removeAll("a"), store.move("a", "b"), store.open("a")]);
    for (const attempt of attempts) {
      const error = (attempt as PromiseRejectedResult).reason as unknown;
      expect(error).toBeInstanceOf(BlobStoreError);
      expect(JSON.stringify([String(error), error])).not.toContain("hunter2");
    }
    store.close();
  });
});

describe("A cache of blobs", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-cache-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const content = (text: string) => async () => Readable.from([Buffer.from(text)]);
  const read = async (cache: BlobCache, version: string, text: string) => {
    const file = await cache.open(version, text.length, content(text));
    return (await buffer(file.createReadStream())).toString();
  };

  it("stays below its size: what was used longest ago goes", async () => {
    const cache = new BlobCache(join(folder, "a"), 100);
    for (const name of ["1", "2", "3"]) expect(await read(cache, name, name.repeat(30))).toBe(name.repeat(30));
    // Times of use are told apart by the file system's clock.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(cache, "1", "1".repeat(30));
    await read(cache, "4", "4".repeat(30));
    expect(await readdir(join(folder, "a"))).toHaveLength(3);
    const gone = async () => {
      throw new Error("fetched again");
    };
    await (await cache.open("1", 30, gone)).close();
    await expect(cache.open("2", 30, gone)).rejects.toThrow("fetched again");
  });

  it("a blob larger than all of it is read and not kept", async () => {
    const cache = new BlobCache(join(folder, "b"), 10);
    expect(await read(cache, "large", "x".repeat(50))).toBe("x".repeat(50));
    expect(await readdir(join(folder, "b"))).toEqual([]);
  });

  it("what comes with another length is no copy, and leaves nothing", async () => {
    const cache = new BlobCache(join(folder, "c"), 100);
    await expect(cache.open("short", 10, content("only 9 by"))).rejects.toThrow("10 bytes");
    expect(await readdir(join(folder, "c"))).toEqual([]);
    expect(await read(cache, "short", "ten bytes!")).toBe("ten bytes!");
  });

  it("is asked for the same by many at once, and fetches it once", async () => {
    const cache = new BlobCache(join(folder, "d"), 100);
    let fetched = 0;
    const files = await Promise.all(Array.from({ length: 10 }, () => cache.open("same", 4, async () => (fetched++, Readable.from([Buffer.from("same")])))));
    for (const file of files) await file.close();
    expect(fetched).toBe(1);
  });
});

describe("The address of a blob store", () => {
  const aws = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };
  it("is read with what the environment says", () => {
    expect(parseBlobPlace("folder", "/data/blobs", {})).toEqual({ type: "folder", folder: "/data/blobs" });
    expect(parseBlobPlace("", "/data/blobs", {})).toEqual({ type: "folder", folder: "/data/blobs" });
    expect(parseBlobPlace("s3://bucket/a/b", "", aws)).toEqual({ type: "s3", path: "bucket/a/b", region: "eu-west-1", credentials: { accessKeyId: "id", secretAccessKey: "secret" } });
    expect(parseBlobPlace("s3://bucket?endpoint=http://minio:9000", "", {})).toEqual({ type: "s3", path: "bucket", region: "us-east-1", endpoint: "http://minio:9000" });
    expect(parseBlobPlace("gs://bucket/x", "", {})).toEqual({ type: "gs", path: "bucket/x" });
    expect(parseBlobPlace("azure://box/x", "", { AZURE_STORAGE_ACCOUNT: "acc", AZURE_STORAGE_SAS_TOKEN: "sig=1" })).toEqual({ type: "azure", path: "box/x", accountName: "acc", accountKey: "sig=1" });
  });

  it("says what is missing or can't be", () => {
    expect(() => parseBlobPlace("s3://bucket", "", {})).toThrow("AWS_REGION");
    expect(() => parseBlobPlace("azure://box", "", {})).toThrow("AZURE_STORAGE_ACCOUNT");
    expect(() => parseBlobPlace("ftp://host/x", "", {})).toThrow("s3://, gs:// or azure://");
    expect(() => parseBlobPlace("/srv/blobs", "", {})).toThrow('"folder"');
    expect(() => parseBlobPlace("s3://", "", aws)).toThrow("names no bucket");
    expect(() => parseBlobPlace("s3://bucket?secret=hunter2", "", aws)).toThrow(/^(?!.*hunter2).*"secret"/);
    expect(() => parseBlobPlace("s3://id:hunter2@bucket", "", aws)).toThrow(/^(?!.*hunter2)/);
    expect(() => parseBlobPlace("s3://bucket?endpoint=minio", "", aws)).toThrow("endpoint");
  });
});
