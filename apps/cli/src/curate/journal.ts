import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeFully } from "../files/write-whole.ts";

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
