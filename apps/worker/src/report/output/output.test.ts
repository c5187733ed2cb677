import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile as write } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { matrix } from "@winnow/curation";
import { readEmbeddingsCsv, readFileNameList } from "@winnow/formats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunFailure } from "../../run/context.ts";
import { EMPTY_FACTS, made, madeFacts } from "../../testing/made-facts.ts";
import type { RunFacts } from "../facts.ts";
import { explained } from "./files.ts";
import { type OutputRequest, writeOutput } from "./output.ts";

let output: string;
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), "winnow-output-"));
});
afterEach(() => rm(output, { recursive: true, force: true }));

const facts = madeFacts({ items: 40, selected: 6 });

function vectors(rows: number) {
  const points = matrix(rows, 4);
  const random = made(3);
  for (let i = 0; i < points.data.length; i++) points.data[i] = random() - 0.3;
  return points;
}

async function names(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of readFileNameList([await readFile(path)])) found.push(name);
  return found;
}

async function* images(list: readonly { name: string; bytes: Uint8Array }[]): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  yield* list;
}

const bytes = new TextEncoder().encode("an image");

describe("the output folder", () => {
  it("holds everything under the date and time of the start", async () => {
    const written = await writeOutput({
      facts,
      output,
      embeddings: vectors(40),
      sequences: [{ video_name: "a.mp4", frame_names: ["a-0-mp4.png"], frame_timestamps_pts: [0], frame_indices: [0] }],
      boundingBoxes: [{ file_name: "a.jpg", boxes: [{ category: "car", score: 0.5, bbox: [1, 2, 3, 4] }] }],
      datapool: ["old/1.jpg", facts.corrupt[0]!.fileName],
      images: images([{ name: "folder-1/image-000001.jpg", bytes }]),
    });
    expect(written.folder).toBe(join(output, "2026-07-01", "10-20-30"));
    expect(await readdir(join(output, "2026-07-01"))).toEqual(["10-20-30"]);
    const files = (await readdir(written.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(written.folder.length + 1));
    expect(files.filter((name) => !name.startsWith("plots/")).sort()).toEqual(
      [
        "report.pdf",
        "report.json",
        "report_v2.json",
        "report.html",
        "sampled/images/folder-1/image-000001.jpg",
        ...["embeddings.csv", "normalized_embeddings.csv", "sampled.csv", "removed.csv", "bounding_boxes.json", "sequence_information.json"].map((name) => `data/${name}`),
        ...["sampled", "removed", "corrupt", "duplicate"].flatMap((kind) => [`filenames/${kind}_filenames.txt`, `filenames/${kind}_filenames_excluding_datapool.txt`]),
      ].sort(),
    );
    expect(files.filter((name) => name.startsWith("plots/")).sort()).toEqual(["class-1", "coverage", "flow", "metadata-1", "nearest-neighbour-distances", "scatter-pca", "scatter-umap"].map((name) => `plots/${name}.svg`));
    expect((await readFile(written.pdf)).subarray(0, 5).toString()).toBe("%PDF-");
    const json = JSON.parse(await readFile(written.json, "utf8")) as { run: { id: string }; counts: { selected: number } };
    expect(json.run.id).toBe(facts.run.id);
    expect(JSON.parse(await readFile(written.compactJson, "utf8"))).toMatchObject({ counts: json.counts });
    expect(await readFile(written.page, "utf8")).toContain("</html>");
    expect(written.dumped).toEqual({ written: 1, skipped: [] });
    expect(JSON.parse(await readFile(join(written.folder, "data/sequence_information.json"), "utf8"))).toHaveLength(1);
    expect(JSON.parse(await readFile(join(written.folder, "data/bounding_boxes.json"), "utf8"))).toEqual([{ file_name: "a.jpg", boxes: [{ category: "car", score: 0.5, bbox: [1, 2, 3, 4] }] }]);
  });

  it("has tables of vectors that the client reads, and lists in order of picking", async () => {
    const embeddings = vectors(40);
    const { folder } = await writeOutput({ facts, output, embeddings, datapool: ["old/1.jpg", facts.corrupt[0]!.fileName] });
    const table = async (name: string) => readEmbeddingsCsv([await readFile(join(folder, "data", name))]);
    const all = await table("embeddings.csv");
    expect(all.fileNames).toEqual(facts.items.fileNames);
    expect([...all.data.subarray(0, 160)]).toEqual([...embeddings.data.subarray(0, 160)]);
    const unit = await table("normalized_embeddings.csv");
    for (let i = 0; i < 40; i++) {
      const row = unit.data.subarray(i * 4, i * 4 + 4);
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
      expect(row[0]! * embeddings.data[i * 4 + 1]!).toBeCloseTo(row[1]! * embeddings.data[i * 4]!, 5);
    }
    const picked = facts.selection.picks.map((pick) => facts.items.fileNames[pick]!);
    expect((await table("sampled.csv")).fileNames).toEqual(picked);
    const removed = (await table("removed.csv")).fileNames;
    expect([...removed, ...picked].sort()).toEqual([...facts.items.fileNames].sort());
    const list = (name: string): Promise<string[]> => names(join(folder, "filenames", name));
    expect(await list("sampled_filenames.txt")).toEqual(["old/1.jpg", facts.corrupt[0]!.fileName, ...picked]);
    expect(await list("sampled_filenames_excluding_datapool.txt")).toEqual(picked);
    expect(await list("removed_filenames.txt")).toEqual(removed);
    expect(await list("corrupt_filenames.txt")).toHaveLength(3);
    expect(await list("corrupt_filenames_excluding_datapool.txt")).toHaveLength(2);
    expect(await list("duplicate_filenames.txt")).toEqual(facts.duplicates.map(({ fileName }) => fileName));
  });

  it("is there for a run without items, vectors and pictures", async () => {
    const { folder } = await writeOutput({ facts: EMPTY_FACTS, output, runDirectory: "results/july" });
    expect(folder).toBe(join(output, "results", "july"));
    expect(await readdir(join(folder, "data"))).toEqual([]);
    expect(await names(join(folder, "filenames/sampled_filenames.txt"))).toEqual([]);
  });

  it("leaves out sampled.csv on request", async () => {
    const { folder } = await writeOutput({ facts, output, embeddings: vectors(40), dumpSampledEmbeddings: false });
    expect(await readdir(join(folder, "data"))).toEqual(["embeddings.csv", "normalized_embeddings.csv", "removed.csv"]);
  });
});

describe("its place", () => {
  it("is taken again by the same run and never taken from another", async () => {
    const request = { facts, output, runDirectory: "fixed" };
    const first = await writeOutput(request);
    await write(join(first.folder, "left-over"), "");
    const again = await writeOutput(request);
    expect(again.folder).toBe(first.folder);
    expect(await readdir(again.folder)).not.toContain("left-over");
    const other = await writeOutput({ ...request, facts: { ...facts, run: { ...facts.run, id: "another" } } });
    expect(other.folder).toBe(`${first.folder}-2`);
    await mkdir(join(output, "mine"));
    await write(join(output, "mine", "thesis.txt"), "precious");
    const beside = await writeOutput({ ...request, runDirectory: "mine" });
    expect(beside.folder).toBe(join(output, "mine-2"));
    expect(await readFile(join(output, "mine", "thesis.txt"), "utf8")).toBe("precious");
    expect((await readdir(output)).sort()).toEqual(["fixed", "fixed-2", "mine", "mine-2"]);
  });

  it("can't lie outside", async () => {
    for (const runDirectory of ["..", "../x", "/etc/x", "a/../../x", "a//b", ".hidden", "a\\b", "a\0b"]) {
      const attempt = writeOutput({ facts, output, runDirectory });
      await expect(attempt).rejects.toThrow(RunFailure);
      await expect(attempt).rejects.toThrow(/run_directory/);
    }
    expect(await readdir(output)).toEqual([]);
  });

  it("takes over what an attempt left that was killed", async () => {
    await mkdir(join(output, ".fixed-6564f1a2b3c4d5e6f7a8b9c0.part", "data"), { recursive: true });
    await writeOutput({ facts, output, runDirectory: "fixed" });
    expect(await readdir(output)).toEqual(["fixed"]);
  });
});

describe("dumped images", () => {
  it("never leave their folder, and those that can't be named are told of", async () => {
    const list = ["ok/a.jpg", "../../escaped.jpg", "/abs.jpg", "a/./b.jpg", "C:/x.jpg", "back\\slash.jpg", "nul\0.jpg", "ok/a.jpg", "ok/a.jpg/below.jpg", `${"n".repeat(300)}.jpg`, "日本/é.jpg"];
    const { folder, dumped } = await writeOutput({ facts, output, runDirectory: "r", images: images(list.map((name) => ({ name, bytes }))) });
    expect(dumped.written).toBe(2);
    expect(dumped.skipped.map(({ name }) => name)).toEqual(list.filter((name, i) => i > 0 && name !== "日本/é.jpg"));
    expect(await readdir(output)).toEqual(["r"]);
    expect((await readdir(join(folder, "sampled/images"))).sort()).toEqual(["ok", "日本"].sort());
    expect(await readFile(join(folder, "sampled/images/ok/a.jpg"), "utf8")).toBe("an image");
    const { notices } = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as RunFacts;
    expect(notices.at(-1)).toMatch(/^9 selected files could not be written to sampled\/images: .*leads elsewhere/);
  });

  it("may come in pieces", async () => {
    const { folder } = await writeOutput({ facts, output, images: [{ name: "a.jpg", bytes: [bytes, bytes] }] });
    expect(await readFile(join(folder, "sampled/images/a.jpg"), "utf8")).toBe("an imagean image");
  });
});

describe("when it can't be written", () => {
  it.skipIf(!existsSync("/dev/full"))("says that the disk is full, and what to do", async () => {
    const error = await write("/dev/full", "x").catch((reason: unknown) => reason);
    const told = explained(error, "/out/report.json");
    expect(told).toBeInstanceOf(RunFailure);
    expect((told as Error).message).toMatch(/disk is full.*\/out\/report\.json.*--output/);
    expect(explained(Object.assign(new Error("no"), { code: "EACCES" }), "/out")).toMatchObject({ message: expect.stringMatching(/may not write.*--output/) as string });
    const other = new Error("other");
    expect(explained(other, "/out")).toBe(other);
  });

  it.skipIf(!canMount())("leaves nothing behind on a full disk and says what to do", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", output]);
    try {
      const attempt = writeOutput({ facts: madeFacts({ items: 2000 }), output, embeddings: vectors(2000) });
      await expect(attempt).rejects.toThrow(RunFailure);
      await expect(attempt).rejects.toThrow(/disk is full.*--output/);
      expect(await readdir(output)).toEqual([]);
    } finally {
      execFileSync("umount", [output]);
    }
  });

  it("leaves nothing behind when it is aborted or its source breaks", async () => {
    const control = new AbortController();
    const slow = (async function* () {
      yield { name: "a.jpg", bytes };
      control.abort(new Error("the run was aborted"));
      yield { name: "b.jpg", bytes };
    })();
    const requests: [Partial<OutputRequest>, string][] = [
      [{ images: slow, signal: control.signal }, "the run was aborted"],
      [
        {
          images: (async function* () {
            yield { name: "a.jpg", bytes };
            throw new Error("the bucket stopped answering");
          })(),
        },
        "the bucket stopped answering",
      ],
      [{ embeddings: vectors(3) }, "there are 3 vectors for 40 items"],
    ];
    for (const [request, message] of requests) {
      await expect(writeOutput({ facts, output, runDirectory: "r", ...request })).rejects.toThrow(message);
      expect(await readdir(output)).toEqual([]);
    }
  });

  it("lists no name that would break a list, and says so", async () => {
    const odd = madeFacts({ items: 5, selected: 2, nameOf: (i) => (i === 3 ? "two\nlines.jpg" : `${i}.jpg`) });
    const { folder } = await writeOutput({ facts: odd, output });
    const listed = [...(await names(join(folder, "filenames/sampled_filenames.txt"))), ...(await names(join(folder, "filenames/removed_filenames.txt")))];
    expect(listed.sort()).toEqual(["0.jpg", "1.jpg", "2.jpg", "4.jpg"]);
    const { notices } = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as RunFacts;
    expect(notices.at(-1)).toContain("1 file name with a line end");
  });
});

function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
