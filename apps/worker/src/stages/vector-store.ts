import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Item } from "./item.ts";

/** What is known of an item, or of a file that gave none; one line of the journal. */
export type Entry =
  | { readonly kind: "item"; readonly item: Item; readonly hash?: string }
  /** An image or frame of which only objects are wanted, and all of them are there. */
  | { readonly kind: "whole"; readonly name: string; readonly hash?: string }
  | { readonly kind: "broken"; readonly name: string; readonly reason: string }
  | { readonly kind: "duplicate"; readonly name: string; readonly of: string }
  | { readonly kind: "video"; readonly name: string; readonly frames: number; readonly seconds: number };

/**
 * What the reading pass of a run has found so far: a line per file or frame, and the vectors beside. Both are appended to
 * as the pass goes on, so that vectors needn't be held twice, and an attempt that follows a crash on the same machine
 * begins where that one was.
 */
export class VectorStore {
  readonly entries: Entry[] = [];
  readonly #journal: number;
  readonly #vectors: number;
  readonly dimensions: number;
  #rows = 0;

  /** @param space what the vectors depend on; what was made in another one is thrown away */
  constructor(folder: string, space: string, dimensions: number) {
    this.dimensions = dimensions;
    const [journal, vectors] = [join(folder, "items.jsonl"), join(folder, "vectors.f32")];
    const header = `${JSON.stringify({ version: 1, space, dimensions })}\n`;
    if (!existsSync(journal) || !readFileSync(journal, "utf8").startsWith(header)) {
      rmSync(journal, { force: true });
      rmSync(vectors, { force: true });
    }
    this.#journal = openSync(journal, "a+");
    this.#vectors = openSync(vectors, "a+");
    this.#recover(readFileSync(journal, "utf8"), header);
  }

  /** What a pass has left in a folder, whatever the vectors depend on; undefined when there is nothing of that width. */
  static existing(folder: string, dimensions: number): VectorStore | undefined {
    const path = join(folder, "items.jsonl");
    if (!existsSync(path)) return undefined;
    const text = readFileSync(path, "utf8");
    const header = JSON.parse(text.slice(0, Math.max(0, text.indexOf("\n"))) || "{}") as { space?: string; dimensions?: number };
    return header.dimensions === dimensions && header.space !== undefined ? new VectorStore(folder, header.space, dimensions) : undefined;
  }

  /** Number of vectors, one for each entry of kind `item` in their order. */
  get rows(): number {
    return this.#rows;
  }

  /** Appends entries; `vectors` has one row for each item among them. */
  append(entries: readonly Entry[], vectors: Float32Array): void {
    const items = entries.filter(({ kind }) => kind === "item").length;
    if (vectors.length !== items * this.dimensions) throw new RangeError(`${items} items need ${items * this.dimensions} values, got ${vectors.length}`);
    // Vectors first: a line says that they are there.
    writeAll(this.#vectors, new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
    writeAll(this.#journal, Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")));
    for (const entry of entries) this.entries.push(entry);
    this.#rows += items;
  }

  /** Copies rows into a matrix, one after another. */
  read(rows: ArrayLike<number>, target: Float32Array, offset: number): void {
    const size = 4 * this.dimensions;
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    // Neighbours on the disk are read together.
    for (let i = 0; i < rows.length; ) {
      let count = 1;
      while (i + count < rows.length && count < 4096 && rows[i + count] === rows[i]! + count) count++;
      const to = (offset + i) * size;
      for (let done = 0; done < count * size; ) {
        const got = readSync(this.#vectors, bytes, to + done, count * size - done, rows[i]! * size + done);
        if (got === 0) throw new Error(`the vectors of the run end before row ${rows[i]! + count}`);
        done += got;
      }
      i += count;
    }
  }

  close(): void {
    closeSync(this.#journal);
    closeSync(this.#vectors);
  }

  #recover(text: string, header: string): void {
    if (text === "") {
      writeAll(this.#journal, Buffer.from(header));
      return;
    }
    const whole = Math.floor(fstatSync(this.#vectors).size / (4 * this.dimensions));
    let kept = header.length;
    for (let at = header.length; ; ) {
      const end = text.indexOf("\n", at);
      if (end === -1) break;
      const entry = JSON.parse(text.slice(at, end)) as Entry;
      if (entry.kind === "item" && this.#rows === whole) break;
      if (entry.kind === "item") this.#rows++;
      this.entries.push(entry);
      at = end + 1;
      kept = at;
    }
    ftruncateSync(this.#journal, Buffer.byteLength(text.slice(0, kept)));
    ftruncateSync(this.#vectors, this.#rows * 4 * this.dimensions);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
