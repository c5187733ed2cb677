/** Pictures of samples by ordinal, made small and kept: what grids and maps show. */
import { buffer } from "node:stream/consumers";
import { ImageError, isImageName, thumbnail } from "@winnow/media";
import { Binary, WithHeaders } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { datasetPrefix, sampleKey } from "../blobs/addresses.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { sampleReader } from "../datasources/sample-files.ts";
import type { SampleTable } from "../db/schema.ts";

/** Sizes that are made: the next larger one is sent, so that few are kept. */
const sizes = [64, 128, 256, 512, 1024, 2048] as const;
const readAtOnceMax = 8;

export class Pictures {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(readonly context: Context) {}

  /**
   * @throws DomainError NOT_FOUND when there is no such sample or it has no image, NOT_IMPLEMENTED when its image can't be shown
   */
  async picture({ row }: DatasetAccess, ordinalText: string, wanted: number, ifNoneMatch: string | undefined): Promise<Binary | WithHeaders> {
    const ordinal = /^\d{1,9}$/.test(ordinalText) ? Number(ordinalText) : -1;
    const sample = await this.context.db.selectFrom("samples").selectAll().where("dataset_id", "=", row.id).where("ordinal", "=", ordinal).executeTakeFirst();
    if (!sample) throw new DomainError("SAMPLE_UNKNOWN", `The dataset has no sample at place ${ordinalText.slice(0, 20)}.`);
    const size = sizes.find((one) => one >= wanted) ?? 2048;
    const etag = `"${sample.id}-${size}-${Number(sample.last_modified_at).toString(36)}"`;
    const headers = { etag, "cache-control": "private, max-age=300" };
    if (ifNoneMatch?.includes(etag)) return new WithHeaders(undefined, headers, 304);
    const key = `${datasetPrefix(row.id)}/pictures/${size}/${sample.id.slice(9, 12)}${sample.id.slice(15, 17)}/${sample.id}-${Number(sample.last_modified_at).toString(36)}.webp`;
    const kept = await this.context.blobs.facts(key);
    if (kept) return new Binary(await this.context.blobs.read(key), "image/webp", headers);
    const made = await this.#turn(async () => {
      const bytes = await this.#image(row, sample, size);
      try {
        return await thumbnail(bytes, { longestSide: size });
      } catch (error) {
        if (error instanceof ImageError) throw new DomainError("NOT_FOUND", `The image of "${sample.file_name}" can't be shown: ${error.message}`);
        throw error;
      }
    });
    await this.context.blobs.write(key, made);
    return new Binary(made, "image/webp", headers);
  }

  /** The stored thumbnail where it is large enough, else the image itself. */
  async #image(dataset: DatasetAccess["row"], sample: SampleTable, size: number): Promise<Uint8Array> {
    const files = size <= 256 ? (["thumbnail", "full"] as const) : (["full", "thumbnail"] as const);
    for (const file of files) {
      const key = sampleKey(dataset.id, sample.id, file);
      if (await this.context.blobs.facts(key)) return buffer(await this.context.blobs.read(key));
    }
    if (isImageName(sample.file_name) || sample.video_frame_data !== null) {
      const read = await sampleReader(this.context, dataset, sample);
      if (read) return buffer(await read());
    }
    throw new DomainError("NOT_FOUND", `No image of "${sample.file_name}" has been uploaded.`);
  }

  /** Few large images are in memory at a time. */
  async #turn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy >= readAtOnceMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }
}
