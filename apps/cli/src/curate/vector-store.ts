import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, fstatSync } from "node:fs";
import { dirname } from "node:path";
import { writeFully } from "../files/write-whole.ts";

const HASH_BYTES = 32;
const CHECK_BYTES = 8;
const READ_BYTES = 1 << 22;

/**
 * Vectors of one encoder by the hash of the image's bytes, in one file that is only ever added to. Records have one
 * length: hash, float32 values, checksum. So a file that was renamed or copied isn't encoded again, and neither is one
 * whose run was interrupted; a record that a kill or a power cut left unfinished is cut off when the file is opened.
 */
export class VectorStore {
  readonly #file: number;
  readonly #dimensions: number;
  readonly #places: Map<string, number>;
  #end: number;

  private constructor(file: number, dimensions: number, places: Map<string, number>) {
    this.#file = file;
    this.#dimensions = dimensions;
    this.#places = places;
    this.#end = places.size;
  }

  /** Opens a store, which is made when it isn't there. @throws errors of the file system */
  static open(path: string, dimensions: number): VectorStore {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "a+");
    const record = HASH_BYTES + dimensions * 4 + CHECK_BYTES;
    const count = Math.floor(fstatSync(file).size / record);
    const places = new Map<string, number>();
    const together = Math.max(1, Math.floor(READ_BYTES / record));
    const buffer = Buffer.alloc(together * record);
    let whole = 0;
    reading: for (let first = 0; first < count; first += together) {
      const got = readFully(file, buffer.subarray(0, Math.min(together, count - first) * record), first * record);
      for (let at = 0; at + record <= got; at += record) {
        const body = buffer.subarray(at, at + record - CHECK_BYTES);
        if (!checksum(body).equals(buffer.subarray(at + record - CHECK_BYTES, at + record))) break reading;
        places.set(body.toString("hex", 0, HASH_BYTES), whole++);
      }
    }
    if (whole * record < fstatSync(file).size) ftruncateSync(file, whole * record);
    const store = new VectorStore(file, dimensions, places);
    store.#end = whole;
    return store;
  }

  has(hash: string): boolean {
    return this.#places.has(hash);
  }

  /** Adds vectors, one per hash; those that are there already are passed over. */
  add(hashes: readonly string[], vectors: Float32Array): void {
    const records: Buffer[] = [];
    hashes.forEach((hash, i) => {
      if (this.#places.has(hash)) return;
      const values = vectors.subarray(i * this.#dimensions, (i + 1) * this.#dimensions);
      const body = Buffer.concat([Buffer.from(hash, "hex"), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
      records.push(body, checksum(body));
      this.#places.set(hash, this.#end++);
    });
    writeFully(this.#file, Buffer.concat(records));
  }

  /** The vectors of these images, in this order, one behind the other. @throws Error when one isn't there */
  read(hashes: readonly string[]): Float32Array {
    const width = this.#dimensions * 4;
    const record = HASH_BYTES + width + CHECK_BYTES;
    const bytes = Buffer.from(new ArrayBuffer(hashes.length * width));
    hashes.forEach((hash, i) => {
      const place = this.#places.get(hash);
      if (place === undefined) throw new Error(`there is no vector of the image ${hash}`);
      readFully(this.#file, bytes.subarray(i * width, (i + 1) * width), place * record + HASH_BYTES);
    });
    return new Float32Array(bytes.buffer, bytes.byteOffset, hashes.length * this.#dimensions);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function checksum(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest().subarray(0, CHECK_BYTES);
}

/** @returns how much there was to read */
function readFully(file: number, target: Buffer, position: number): number {
  let got = 0;
  while (got < target.length) {
    const read = readSync(file, target, got, target.length - got, position + got);
    if (read === 0) break;
    got += read;
  }
  return got;
}
