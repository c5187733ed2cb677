import { basename, dirname, join, resolve } from "node:path";
import { command } from "../command.ts";
import { chooseEncoder, modelFlag } from "../embed/choose-encoder.ts";
import { encodeImages } from "../embed/folder-vectors.ts";
import { listImagesOf } from "../files/list-images.ts";
import { VECTOR_FILES, anyOf, requireVectorFile, writeVectors } from "../embed/write-vectors.ts";
import { requireFolder, writable } from "../files/places.ts";
import * as flags from "../flags.ts";
import { INCOMPLETE, Problem, UsageError } from "../problems.ts";
import { Progress, counted, number } from "../terminal/progress.ts";
import { named } from "../terminal/listed.ts";

export const embed = command({
  name: "embed",
  group: "Curate on this machine",
  summary: "turn the images of a folder into vectors, one per image",
  resumes: true,
  arguments: [{ name: "PATH", summary: "folder with images, sub-folders included", completes: "folder" }],
  flags: {
    out: { value: "FILE", summary: `file for the vectors: ${anyOf(VECTOR_FILES)} (.npy: with a list of the names beside it, in a .txt file)` },
    model: modelFlag,
    centred: { summary: "take the mean of the collection away from each vector, so that angles tell what differs within it" },
    json: flags.json,
  },
  notes: `The same image gives the same vector, whatever else is in the folder, unless --centred is given. Broken images are named
and left out; the exit code is then 3. What is done lies beside --out until all is.

A .parquet file has the columns filenames and embedding (lists of numbers), as pandas and DuckDB read them; winnow select,
duplicates and import embeddings read all three kinds.

Models of the hub are fetched once and kept in the cache folder; the built-in encoder needs no network.`,
  examples: ["winnow embed photos --out embeddings.csv", "winnow embed photos --model dinov2-small --out embeddings.npy", "winnow embed photos --model encoder.onnx --out embeddings.csv --json"],
  async run({ flags: given, arguments: [path] }, io) {
    if (given.out === undefined) throw new UsageError("give --out: the file for the vectors.");
    requireVectorFile(given.out, "--out");
    const out = writable(io.cwd, given.out, "--out");
    const folder = requireFolder(resolve(io.cwd, path!));
    const progress = new Progress(io);
    const { images, unusable } = await listImagesOf(folder, progress, io.stop);
    const encoder = await chooseEncoder(given.model, io);
    try {
      const vectors = await encodeImages(images, encoder, join(dirname(out), `.${basename(out)}.vectors`), progress, io.stop);
      let done = false;
      try {
        const left = [...unusable, ...vectors.broken];
        if (vectors.fileNames.length === 0) throw new Problem(`None of the images in ${folder} can be used: ${left[0]!.fileName}: ${left[0]!.reason}.`);
        const files = await writeVectors(out, given.centred ? await centred(vectors, encoder.name) : vectors, io.stop);
        done = true;
        if (given.json) io.stdout.write(`${JSON.stringify({ images: images.length + unusable.length, embedded: vectors.fileNames.length, encoder: encoder.name, dimensions: vectors.dimensions, files, leftOut: left })}\n`);
        else {
          io.stderr.write(named("Left out", left));
          io.stdout.write(`${counted(vectors.fileNames.length, "vector")} of ${number(vectors.dimensions)} numbers by ${encoder.name} written to ${files.join(" and ")}.\n`);
        }
        return left.length > 0 ? INCOMPLETE : 0;
      } finally {
        vectors.close({ forget: done });
      }
    } finally {
      progress.clear();
      await encoder.close();
    }
  },
});

async function centred(vectors: Awaited<ReturnType<typeof encodeImages>>, encoder: string) {
  const { applyState, fitState } = await import("@winnow/embedding");
  const { fileNames, dimensions } = vectors;
  const whole = vectors.read(0, fileNames.length);
  const state = fitState(whole, encoder);
  return { fileNames, dimensions, read: (from: number, to: number) => applyState({ data: whole.data.subarray(from * dimensions, to * dimensions), rows: to - from, columns: dimensions }, state) };
}
