import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "../command.ts";
import { NEAR } from "../curate/near.ts";
import { exactGroups } from "../duplicates/exact.ts";
import { nearGroups } from "../duplicates/near.ts";
import { chooseEncoder, modelFlag } from "../embed/choose-encoder.ts";
import { encodeImages } from "../embed/folder-vectors.ts";
import { listImagesOf } from "../files/list-images.ts";
import { readable, requireFolder, writable } from "../files/places.ts";
import { cacheFolder } from "../files/user-folders.ts";
import { writeWhole } from "../files/write-whole.ts";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { INCOMPLETE, UsageError } from "../problems.ts";
import { named } from "../terminal/listed.ts";
import { Progress, counted, number } from "../terminal/progress.ts";

export const duplicates = command({
  name: "duplicates",
  group: "Curate on this machine",
  summary: "find images that are the same, or nearly",
  resumes: true,
  arguments: [{ name: "PATH|EMBEDDINGS", summary: "folder with images, or file of embeddings: .csv, .npy or .parquet", completes: "file" }],
  flags: {
    threshold: { value: "D", initial: NEAR, summary: "how far apart near-duplicates may be: cosine distance, 0 the same, 1 nothing in common", parse: parseThreshold },
    exact: { summary: "files with the same bytes only; no image is decoded" },
    model: modelFlag,
    names: { value: "FILE", summary: "names of the rows of an .npy or .parquet file without names, one per line" },
    out: { value: "FILE.csv", summary: "write the groups there: columns group, kind (exact, near), filename, keep (1 for the first of each)" },
    keep: { value: "FILE", summary: "write there what is left when the first of each group is kept: names, one per line" },
    json: flags.json,
  },
  notes: `Groups are joined by chains: of A near B and B near C all three are one group. Copies of one file are compared once, as the
first of them. Nothing is deleted.

Vectors of a folder are kept in the cache folder: a second look with another --threshold takes no time. They are compared
without what the whole collection has in common; those of a file are compared as they are (see winnow embed --centred).`,
  examples: ["winnow duplicates photos", "winnow duplicates photos --threshold 0.08 --out groups.csv --keep unique.txt", "winnow duplicates embeddings.csv --json", "winnow duplicates photos --exact"],
  async run({ flags: given, arguments: [path] }, io) {
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const keep = given.keep === undefined ? undefined : writable(io.cwd, given.keep, "--keep");
    const progress = new Progress(io);
    const place = resolve(io.cwd, path!);
    const isFile = statSync(place, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && given.exact) throw new UsageError("--exact compares the bytes of files: it needs a folder with images.");
    const found = isFile ? await inEmbeddings(place, given, progress, io) : await inFolder(place, given, progress, io);
    progress.clear();
    const groups = [...found.exact.map((files) => ({ kind: "exact", files })), ...found.near.map((files) => ({ kind: "near", files }))];
    const { csvField } = await import("@winnow/formats");
    if (out !== undefined) writeWhole(out, `group,kind,filename,keep\n${groups.flatMap(({ kind, files }, i) => files.map((file, at) => `${i + 1},${kind},${csvField(file)},${at === 0 ? 1 : 0}\n`)).join("")}`);
    const spare = new Set(groups.flatMap(({ files }) => files.slice(1)));
    const kept = found.files.filter((file) => !spare.has(file));
    if (keep !== undefined) writeWhole(keep, kept.map((file) => `${file}\n`).join(""));
    if (given.json) io.stdout.write(`${JSON.stringify({ files: found.files.length, kept: kept.length, exact: found.exact, near: found.near, leftOut: found.leftOut })}\n`);
    else {
      io.stderr.write(named("Left out", found.leftOut));
      for (const { kind, files } of groups) io.stdout.write(`${kind}\t${files.join("\t")}\n`);
      io.stderr.write(`${counted(found.exact.length, "group")} of copies${given.exact ? "" : `, ${counted(found.near.length, "group")} of near-duplicates`}; ${number(kept.length)} of ${counted(found.files.length, "file")} stay when the first of each is kept.\n`);
    }
    return found.leftOut.length > 0 ? INCOMPLETE : 0;
  },
});

interface Found {
  /** All that was compared, in order. */
  readonly files: readonly string[];
  readonly exact: readonly string[][];
  readonly near: readonly string[][];
  readonly leftOut: readonly { readonly fileName: string; readonly reason: string }[];
}

interface Given {
  readonly threshold: number;
  readonly exact: boolean | undefined;
  readonly model: string | undefined;
  readonly names: string | undefined;
}

async function inEmbeddings(path: string, given: Given, progress: Progress, io: Io): Promise<Found> {
  const { readNamedVectors } = await import("../select/vectors.ts");
  const { points, names } = await readNamedVectors(readable(io.cwd, path), given.names === undefined ? undefined : readable(io.cwd, given.names), io.stop);
  const near = await nearGroups(points, { threshold: given.threshold, raw: false }, progress, io.stop);
  return { files: names, exact: [], near: near.map((group) => group.map((row) => names[row]!)), leftOut: [] };
}

async function inFolder(path: string, given: Given, progress: Progress, io: Io): Promise<Found> {
  const folder = requireFolder(path);
  const { images, unusable } = await listImagesOf(folder, progress, io.stop);
  const exact = await exactGroups(images, progress, io.stop);
  if (given.exact) return { files: images.map(({ fileName }) => fileName), exact, near: [], leftOut: unusable };
  const copies = new Set(exact.flatMap((group) => group.slice(1)));
  const encoder = await chooseEncoder(given.model, io);
  try {
    const store = join(cacheFolder(io), "vectors", `${createHash("sha256").update(`${encoder.name}\n${folder}`).digest("hex").slice(0, 24)}.f32`);
    const vectors = await encodeImages(images.filter(({ fileName }) => !copies.has(fileName)), encoder, store, progress, io.stop);
    try {
      const { fileNames, broken } = vectors;
      const near = fileNames.length < 2 ? [] : await nearGroups(vectors.read(0, fileNames.length), { threshold: given.threshold, raw: true }, progress, io.stop);
      const leftOut = [...unusable, ...broken];
      const without = new Set(broken.map(({ fileName }) => fileName));
      return { files: images.map(({ fileName }) => fileName).filter((name) => !without.has(name)), exact, near: near.map((group) => group.map((row) => fileNames[row]!)), leftOut };
    } finally {
      vectors.close();
    }
  } finally {
    await encoder.close();
  }
}

function parseThreshold(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 2)) throw new UsageError(`--threshold must be a number from 0 to 2, not ${JSON.stringify(text)}.`);
  return value;
}
