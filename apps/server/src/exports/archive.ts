import { PassThrough, type Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { sampleKey } from "../blobs/addresses.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { placeColumns, sampleReader } from "../datasources/sample-files.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import type { TagTable } from "../db/schema.ts";
import { maskOf } from "../tags/store.ts";

const imagesMax = 1000;
/** Images looked for at the same time: those in a bucket take a while each. */
const lookUpsAtOnce = 16;

/**
 * The images of a tag as a zip, made while it is read. Images are compressed already, so they are only stored.
 * @throws DomainError when the tag has more than 1000 samples, or none with an image
 */
export async function archive(context: Context, { row }: DatasetAccess, tag: TagTable): Promise<Readable> {
  const ordinals = maskOf(tag).ordinals();
  if (ordinals.length > imagesMax) throw new DomainError("BAD_REQUEST", `A zip holds at most ${imagesMax} images; the tag "${tag.name}" has ${ordinals.length}. Download the tag with a client instead.`);
  const entries: { name: string; read: () => Promise<Readable> }[] = [];
  const taken = new Set<string>();
  for await (const page of readSamplesByOrdinal(context.db, row.id, placeColumns, ordinals)) {
    for (let start = 0; start < page.length; start += lookUpsAtOnce) {
      const some = page.slice(start, start + lookUpsAtOnce);
      const readers = await Promise.all(
        some.map(async (sample) => {
          const key = sampleKey(row.id, sample.id, "full");
          return (await context.blobs.facts(key)) ? () => context.blobs.read(key) : sampleReader(context, row, sample);
        }),
      );
      readers.forEach((read, i) => {
        const sample = some[i]!;
        if (read) entries.push({ name: freeName(entryName(sample.file_name, sample.id), taken), read });
      });
    }
  }
  if (entries.length === 0) throw new DomainError("NOT_FOUND", `None of the ${ordinals.length} samples of the tag "${tag.name}" has an image, uploaded or in the datasource.`);
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.on("error", (error) => output.destroy(error as Error));
  zip.outputStream.pipe(output);
  // A client that goes away in the middle must not leave a file open.
  let reading: Readable | undefined;
  output.once("close", () => reading?.destroy());
  for (const { name, read } of entries) {
    // Opened when its turn comes: a thousand open files at once are more than some systems allow.
    zip.addReadStreamLazy(name, { compress: false }, (done) => {
      read().then(
        (stream) => {
          reading = stream;
          stream.once("error", (error) => output.destroy(error));
          done(null, stream);
          if (output.destroyed) stream.destroy();
        },
        (error: Error) => done(error, null as unknown as Readable),
      );
    });
  }
  zip.end();
  return output;
}

/** A name that stays inside the folder where the archive is unpacked. */
export function entryName(fileName: string, sampleId: string): string {
  const parts = fileName
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== "." && part !== "..")
    .map((part) => part.replaceAll(":", "_"));
  return parts.join("/") || sampleId;
}

/** The name, or one with a number where several become the same once they are cleaned. */
function freeName(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, end] = dot > name.lastIndexOf("/") + 1 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let free = name;
  // Some file systems don't tell capital letters from small ones.
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${stem} (${number})${end}`;
  taken.add(free.toLowerCase());
  return free;
}
