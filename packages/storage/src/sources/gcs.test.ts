import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { all, conforms, failsWith } from "../conformance.ts";
import { startGcsStandIn, type GcsStandIn } from "../testing/gcs-stand-in.ts";
import { GcsSource } from "./gcs.ts";

conforms(
  "Google Cloud Storage (a stand-in written for these tests, spoken to by the official client)",
  async () => {
    const { endpoint, credentials, objects, close } = await startGcsStandIn("pictures");
    const put = async (path: string, content: Uint8Array) => void objects.set(`a/base/${path}`, { content: Buffer.from(content), updated: new Date() });
    return { open: () => new GcsSource("gs://pictures/a/base/", { projectId: "winnow-test", credentials, endpoint }), put, close };
  },
  { manyKeys: 10_000 },
);

describe("Google Cloud Storage", () => {
  let server: GcsStandIn;
  beforeAll(async () => {
    server = await startGcsStandIn("pictures");
  });
  afterAll(() => server.close());
  const open = (path = "pictures", credentials = server.credentials) => new GcsSource(path, { projectId: "winnow-test", credentials, endpoint: server.endpoint });

  it("says whether credentials, bucket or path are wrong, and never shows a secret", async () => {
    expect(await failsWith(open("nothing").list({ limit: 1 }), "bucket")).toContain('"nothing"');
    await failsWith(open().read("none.jpg"), "path");
    const key = JSON.parse(server.credentials) as Record<string, string>;
    // A kind of credentials that would have this server run a program of the user's choice.
    const program = { type: "external_account", credential_source: { executable: { command: "/bin/hunter2" } } };
    for (const wrong of ["", "hunter2", "{}", JSON.stringify({ ...key, private_key: "hunter2" }), JSON.stringify({ ...key, ...program })]) {
      expect(() => open("pictures", wrong)).toThrow(/key of a service account/);
      expect(() => open("pictures", wrong)).not.toThrow(/hunter2/);
    }
    for (const path of ["", "gs://", "A b", "x/../y"]) expect(() => open(path)).toThrow(/bucket|path/);
  });

  it.each([
    [401, "Invalid Credentials", "credential"], [400, "invalid_grant: Invalid JWT Signature.", "credential"], [403, "tester does not have storage.objects.list access", "permission"], [418, "strange", "provider"],
  ] as const)("tells %d %s as %s", async (status, message, kind) => {
    server.failing = { status, message };
    await failsWith(open().list({ limit: 1 }), kind);
    await failsWith(open().read("a.jpg"), kind);
    await failsWith(open().write("a.jpg", Buffer.from("1")), kind);
    server.failing = undefined;
  });

  it("says that nothing answers", async () => {
    const source = new GcsSource("pictures", { projectId: "winnow-test", credentials: server.credentials, endpoint: "http://127.0.0.1:1", retries: 0 });
    await failsWith(source.facts("a.jpg"), "unreachable");
  });

  it("leaves out keys that are no paths", async () => {
    for (const key of ["marker/", "marker//a.jpg", "/b.jpg", "marker/../c.jpg", "marker/d.jpg"]) server.objects.set(`keys/${key}`, { content: Buffer.from("1"), updated: new Date() });
    expect((await all(open("pictures/keys"), { limit: 2 })).map(({ path }) => path)).toEqual(["marker/d.jpg"]);
    server.objects.clear();
  });

  it("jumps over hidden folders instead of listing them", async () => {
    for (let i = 0; i < 5_000; i++) server.objects.set(`.lightly/predictions/task/${i}.json`, { content: Buffer.from("{}"), updated: new Date() });
    server.objects.set("z.jpg", { content: Buffer.from("1"), updated: new Date() });
    server.asked.length = 0;
    expect((await all(open(), { limit: 100 })).map(({ path }) => path)).toEqual(["z.jpg"]);
    expect(server.asked).toHaveLength(2);
  });
});
