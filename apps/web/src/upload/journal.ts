import type { NamedFile } from "./dropped-files.ts";

/**
 * Remembers in this browser which files of a folder have arrived, a bit for each, so that an upload that was interrupted
 * (a closed page, a lost connection) goes on when the same folder is dropped again.
 */
export class Journal {
  readonly #key: string;
  readonly #bits: Uint8Array;

  private constructor(key: string, bits: Uint8Array) {
    this.#key = key;
    this.#bits = bits;
  }

  static async open(datasetId: string, files: readonly NamedFile[]): Promise<Journal> {
    const key = `winnow.upload.${datasetId}.${await fingerprint(files)}`;
    const bits = new Uint8Array(Math.ceil(files.length / 8));
    const kept = localStorage.getItem(key);
    if (kept !== null) Uint8Array.from(atob(kept), (letter) => letter.charCodeAt(0)).forEach((byte, i) => i < bits.length && (bits[i] = byte));
    return new Journal(key, bits);
  }

  has(place: number): boolean {
    return ((this.#bits[place >> 3]! >> (place & 7)) & 1) === 1;
  }

  arrived(place: number): void {
    this.#bits[place >> 3]! |= 1 << (place & 7);
  }

  /** Call it now and then: a write for each file would cost more than the upload. */
  keep(): void {
    try {
      localStorage.setItem(this.#key, btoa(Array.from(this.#bits, (byte) => String.fromCharCode(byte)).join("")));
    } catch {
      // Full, or not allowed: then an interrupted upload sends everything again.
    }
  }

  forget(): void {
    localStorage.removeItem(this.#key);
  }
}

async function fingerprint(files: readonly NamedFile[]): Promise<string> {
  const text = files.map(({ name, file }) => `${name}\0${file.size}\0${file.lastModified}`).join("\n");
  // Digests are only there on https and localhost.
  if (crypto.subtle === undefined) return `${files.length}-${[...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7)}`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
