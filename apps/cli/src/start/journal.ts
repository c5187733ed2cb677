import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Events on disk, one JSON text per line, only ever added to. A process that is killed leaves at most an unfinished last
 * line, which the next one to open the file cuts off: whatever it told of is then done again.
 */
export class Journal<Event> {
  readonly #file: number;

  private constructor(
    file: number,
    /** What was there when it was opened. */
    readonly events: readonly Event[],
  ) {
    this.#file = file;
  }

  /** Opens a journal, which is made when it isn't there. @throws errors of the file system */
  static open<Event>(path: string): Journal<Event> {
    mkdirSync(dirname(path), { recursive: true });
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const events: Event[] = [];
    let whole = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, whole)) {
      try {
        events.push(JSON.parse(bytes.toString("utf8", whole, end)) as Event);
      } catch {
        // After a power cut blocks of the disk may be empty: what follows can't be trusted either.
        break;
      }
      whole = end + 1;
    }
    const file = openSync(path, "a");
    if (whole < bytes.length) ftruncateSync(file, whole);
    return new Journal<Event>(file, events);
  }

  /** Adds an event. It survives the end of this process from here on. */
  append(event: Event): void {
    writeFully(this.#file, Buffer.from(`${JSON.stringify(event)}\n`));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Writes a file so that it is there wholly or not at all, also after a power cut. */
export function writeWhole(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = openSync(unfinished, "w", mode);
  try {
    writeFully(file, typeof content === "string" ? Buffer.from(content) : content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
}

/** A disk that fills up writes less than it was given before it fails. */
export function writeFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at, bytes.byteLength - at);
}
