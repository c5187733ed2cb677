import fc from "fast-check";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderConfig, writeFiles } from "../testing/datasource-scenes.ts";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, schedule } from "../testing/worker-scenes.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "winnow-signed-")));
afterAll(() => rm(root, { recursive: true, force: true }));

/** An address that the server signed, and how it is meant to be used. */
interface Signed {
  readonly name: string;
  readonly method: "GET" | "PUT";
  readonly url: string;
}

describeServer("Signed addresses", (server) => {
  let signed: Signed[];

  beforeAll(async () => {
    await writeFiles(root, { "data/a.jpg": "a", "data/b.jpg": "b" });
    const made = await scene(server, 2);
    await server.call("PUT", `${made.path}/datasource`, { body: folderConfig(join(root, "data")) });
    const [one, two] = made.sampleIds as [string, string];
    const call = <Body>(method: string, path: string, body?: unknown, query: Record<string, string | boolean> = {}) => server.call<Body>(method, path, { body, query });
    const write = async (sampleId: string) => call<{ full: string; thumb: string }>("GET", `${made.path}/samples/${sampleId}/writeurls`);
    const { full, thumb } = await write(one);
    const embedding = await call<{ signedWriteUrl: string }>("GET", `${made.path}/embeddings/writeCSVUrl`, undefined, { name: "default" });
    const runId = await begin(server, made, await addWorker(server), await schedule(server, made));
    const artifact = await call<{ signedWriteUrl: string }>("POST", `/v1/docker/runs/${runId}/artifacts`, { fileName: "log.txt", type: "LOG" });
    const sources = await call<{ urls: { url: string }[] }>("POST", `${made.path}/datasource/readUrls`, { paths: ["a.jpg"] });
    const targets = await call<{ urls: { url: string }[] }>("POST", `${made.path}/datasource/writeUrls`, { paths: ["new.jpg"] });
    await server.open(full, { method: "PUT", raw: "picture one" });
    await server.open((await write(two)).full, { method: "PUT", raw: "picture two" });
    signed = [
      { name: "an image to be written", method: "PUT", url: full },
      { name: "a thumbnail to be written", method: "PUT", url: thumb },
      { name: "an image to be read", method: "GET", url: await call<string>("GET", `${made.path}/samples/${one}/readurl`) },
      { name: "embeddings to be written", method: "PUT", url: embedding.signedWriteUrl },
      { name: "a report to be written", method: "PUT", url: await call<string>("GET", `/v1/docker/runs/${runId}/writeReportUrl`) },
      { name: "a plan to be written", method: "PUT", url: await call<string>("GET", `/v1/docker/runs/${runId}/planWriteUrl`) },
      { name: "an artifact to be written", method: "PUT", url: artifact.signedWriteUrl },
      { name: "a file of the datasource to be read", method: "GET", url: sources.urls[0]!.url },
      { name: "a file of the datasource to be written", method: "PUT", url: targets.urls[0]!.url },
    ];
  });

  test("none works for another method, path, size or time, nor with the signature of another", async () => {
    for (const { name, method, url } of signed) {
      const others = signed.filter((one) => new URL(one.url).pathname !== new URL(url).pathname);
      const changed = (change: (address: URL) => void) => {
        const address = new URL(url);
        change(address);
        return address.href;
      };
      const attempts: [string, string][] = [
        [method === "GET" ? "PUT" : "GET", url],
        ...(method === "PUT" ? [["HEAD", url] as [string, string]] : []),
        [method, changed(({ searchParams }) => searchParams.set("expires", "99999999999"))],
        [method, changed(({ searchParams }) => searchParams.set("expires", `${searchParams.get("expires")}0`))],
        [method, changed(({ searchParams }) => searchParams.set("expires", `${Number(searchParams.get("expires"))}.0`))],
        [method, changed(({ searchParams }) => searchParams.append("expires", "99999999999"))],
        [method, changed(({ searchParams }) => searchParams.delete("expires"))],
        [method, changed(({ searchParams }) => searchParams.delete("signature"))],
        [method, changed(({ searchParams }) => searchParams.set("signature", ""))],
        [method, changed(({ searchParams }) => searchParams.set("signature", searchParams.get("signature")!.slice(0, -1)))],
        [method, changed(({ searchParams }) => searchParams.set("signature", `${searchParams.get("signature")}A`))],
        ...(method === "PUT" ? ["99999999999999", "1e99", "Infinity", "", "-1"].map((max) => [method, changed(({ searchParams }) => searchParams.set("max", max))] as [string, string]) : []),
        ...(method === "PUT" ? [[method, changed(({ searchParams }) => searchParams.append("max", "99999999999999"))] as [string, string], [method, changed(({ searchParams }) => searchParams.delete("max"))] as [string, string]] : []),
        // The query of one with the path of another, and the other way round.
        ...others.flatMap((other) => [
          [method, changed((address) => (address.pathname = new URL(other.url).pathname))] as [string, string],
          [other.method, changed((address) => (address.pathname = new URL(other.url).pathname))] as [string, string],
        ]),
      ];
      for (const [attempted, address] of attempts) {
        const { status } = await server.open(address, { method: attempted, raw: attempted === "PUT" ? "intruder" : undefined });
        expect([403, 404], `${name}: ${attempted} ${address}`).toContain(status);
      }
    }
  });

  test("no change of a character is overlooked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000), fc.nat(1_000), fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789-_./%"), async (which, where, character) => {
        const { method, url } = signed[which % signed.length]!;
        const from = url.indexOf("/v1/");
        const at = from + (where % (url.length - from));
        const changed = url.slice(0, at) + character + url.slice(at + 1);
        if (changed === url) return;
        // A signature's last character holds bits that mean nothing; what counts is that the text is not the same.
        const parsed = URL.canParse(changed) ? new URL(changed) : undefined;
        if (!parsed || parsed.href === new URL(url).href) return;
        const { status } = await server.open(changed, { method, raw: method === "PUT" ? "intruder" : undefined });
        expect([400, 401, 403, 404, 405], `${method} ${changed}`).toContain(status);
      }),
      { numRuns: 400 },
    );
  });

  test("each still works as it was meant to, and no further than its size", async () => {
    for (const { name, method, url } of signed) {
      const { status } = await server.open(url, { method, raw: method === "PUT" ? (name.startsWith("embeddings") ? "filenames,embedding_0,labels\n0.jpg,1,0\n1.jpg,2,0" : "fine") : undefined });
      expect([name, status]).toEqual([name, 200]);
      if (method === "PUT") expect([name, (await server.open(url, { method, raw: Buffer.alloc(2_001, 65) })).status]).toEqual([name, name.startsWith("a thumbnail") ? 200 : 413]);
    }
  });
}, { allowFolders: [root], fileSizeMax: 2_000 });
