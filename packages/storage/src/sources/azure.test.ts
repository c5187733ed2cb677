import { BlobServiceClient, generateBlobSASQueryParameters, ContainerSASPermissions, StorageSharedKeyCredential } from "@azure/storage-blob";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conforms, failsWith, inTurns } from "../conformance.ts";
import { azuriteAccount, startAzurite } from "../testing/azurite.ts";
import { AzureSource } from "./azure.ts";

const key = new StorageSharedKeyCredential(azuriteAccount.accountName, azuriteAccount.accountKey);

async function emptyContainer(name: string) {
  const azurite = await startAzurite();
  await new BlobServiceClient(azurite.endpoint, key, {}).createContainer(name);
  return azurite;
}

conforms(
  "Azure (Azurite, account key)",
  async () => {
    const { endpoint, close } = await emptyContainer("pictures");
    const open = () => new AzureSource("pictures/a/base", { ...azuriteAccount, endpoint });
    const source = open();
    return { open, put: (path, content) => source.write(path, content), putMany: (paths) => inTurns(paths, (path) => source.write(path, Buffer.from("x")), 32), close };
  },
  // Azurite sorts by UTF-16 units.
  { manyKeys: 1_200, order: "near bytes" },
);

describe("Azure with an access signature (Azurite)", () => {
  let azurite: Awaited<ReturnType<typeof startAzurite>>;
  beforeAll(async () => {
    azurite = await emptyContainer("pictures");
  });
  afterAll(() => azurite.close());
  const sas = (permissions: string, minutes = 10) =>
    generateBlobSASQueryParameters({ containerName: "pictures", permissions: ContainerSASPermissions.parse(permissions), startsOn: new Date(Date.now() - 3_600_000), expiresOn: new Date(Date.now() + minutes * 60_000) }, key).toString();
  const open = (accountKey: string, changes: { path?: string; endpoint?: string } = {}) => new AzureSource(changes.path ?? "pictures", { accountName: azuriteAccount.accountName, accountKey, endpoint: changes.endpoint ?? azurite.endpoint });

  it("does what the signature allows, and says that its addresses carry it", async () => {
    const source = open(`?${sas("rwdlc")}`);
    expect(await source.verify()).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    await source.write("a b.jpg", Buffer.from("1"));
    expect((await buffer(await source.read("a b.jpg"))).toString()).toBe("1");
    expect(source.urls.carriesCredential).toBe(true);
    expect(await (await fetch(await source.readUrl("a b.jpg", 60))).text()).toBe("1");
    expect((await fetch(await source.writeUrl("c.jpg", 60), { method: "PUT", body: "2", headers: source.urls.writeHeaders })).status).toBe(201);
  });

  it("says which right is missing", async () => {
    const verified = await open(sas("r")).verify();
    expect(verified).toMatchObject({ canRead: true, canWrite: false, canList: false, canOverwrite: false, errors: { canList: expect.stringContaining("doesn't allow"), canWrite: expect.stringContaining("doesn't allow") } });
  });

  it("says whether signature, key, container or account is wrong, and never shows a secret", async () => {
    const [expired, forged] = [sas("rl", -10), sas("rl").replace(/sig=[^&]{6}/, "sig=AAAAAA")];
    expect(await failsWith(open(expired).list({ limit: 1 }), "credential", [expired, "sig="])).toContain("expired");
    // Azurite answers a forged signature as if a right were missing; Azure says that it doesn't authenticate.
    await failsWith(open(forged).read("a b.jpg"), "permission", ["sig="]);
    const other = Buffer.alloc(64, 1).toString("base64");
    expect(await failsWith(open(other).list({ limit: 1 }), "credential", [other])).toContain("account key");
    expect(await failsWith(open(azuriteAccount.accountKey, { path: "nothing/x" }).list({ limit: 1 }), "bucket")).toContain('"nothing"');
    await failsWith(open(azuriteAccount.accountKey).read("none.jpg"), "path");
    expect(() => open("hunter2")).toThrow(/neither a shared access signature/);
    expect(() => open("hunter2")).not.toThrow(/hunter2/);
    for (const path of ["", "A/b", "a--b"]) expect(() => open(azuriteAccount.accountKey, { path })).toThrow(/container/);
    expect(() => new AzureSource("pictures", { accountName: "evil.example/", accountKey: azuriteAccount.accountKey })).toThrow(/storage account/);
  });
});
