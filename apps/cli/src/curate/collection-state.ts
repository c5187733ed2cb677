import { Journal } from "./journal.ts";

/** What was found out about a file; it holds as long as size and time of the file stay. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** SHA-256 of its bytes. */
  readonly hash: string;
  /** Why it can't be used, if it can't. */
  readonly broken?: string;
  readonly metaData?: Readonly<Record<string, unknown>>;
  readonly exif?: Readonly<Record<string, string>>;
}

/** A picked image, and how far it was from the nearest chosen one (absent for the first, and for random picks). */
export interface Pick {
  readonly fileName: string;
  readonly distance?: number;
}

/** A selection made by `start`. */
export interface MadeSelection {
  readonly tagId: string;
  readonly tagName: string;
  readonly method: string;
  /** As it was asked for: a count, or a share below 1. */
  readonly select: number;
  /** Samples in the dataset at the time. */
  readonly samples: number;
  /** How many are chosen, the earlier picks counted. */
  readonly total: number;
  /** Name of the tag whose samples were chosen before. */
  readonly from?: string;
  /** What was added, in order. */
  readonly picks: readonly Pick[];
  /** Largest distance of an image to its nearest chosen one: after the first and after the last. */
  readonly coverage?: { readonly first: number; readonly last: number };
}

type Event =
  | ({ readonly event: "file"; readonly fileName: string } & FileFacts)
  /** A dataset was made: nothing has been sent to this one. */
  | { readonly event: "dataset"; readonly id: string }
  /** Written before samples are registered: which bytes the names stand for, should the files change before they are sent. */
  | { readonly event: "registering"; readonly samples: readonly (readonly [fileName: string, hash: string])[] }
  /** The sample's pictures and measurements are on the server. */
  | { readonly event: "sent"; readonly fileName: string; readonly hash: string }
  | ({ readonly event: "selection" } & MadeSelection);

interface Dated {
  readonly selection: MadeSelection;
  /** How many things had been sent when it was made. */
  readonly sent: number;
}

/**
 * What `start` remembers of a collection: a journal, and what follows from it. Each fact is written when it has become
 * true, so that an interrupted run finds out by itself what is left to do.
 */
export class CollectionState {
  readonly #journal: Journal<Event>;
  readonly #files = new Map<string, FileFacts>();
  #datasetId: string | undefined;
  #contents = new Map<string, string>();
  /** By file name: hash, and the how-manieth thing sent it was. */
  #sent = new Map<string, { readonly hash: string; readonly count: number }>();
  #sentCount = 0;
  #selections: Dated[] = [];

  constructor(path: string) {
    this.#journal = Journal.open<Event>(path);
    for (const event of this.#journal.events) this.#apply(event);
  }

  get files(): ReadonlyMap<string, FileFacts> {
    return this.#files;
  }

  /** The dataset that things were sent to. */
  get datasetId(): string | undefined {
    return this.#datasetId;
  }

  /** In the order in which they were made. */
  get selections(): readonly MadeSelection[] {
    return this.#selections.map(({ selection }) => selection);
  }

  /** Hash of the bytes that a sample stands for on the server, as far as it is known. */
  contentOf(fileName: string): string | undefined {
    return this.#sent.get(fileName)?.hash ?? this.#contents.get(fileName);
  }

  isSent(fileName: string, hash: string): boolean {
    return this.#sent.get(fileName)?.hash === hash;
  }

  /** How many images were added or changed after a selection was made. */
  freshSince(selection: MadeSelection): number {
    const { sent } = this.#selections.find((dated) => dated.selection === selection)!;
    let fresh = 0;
    for (const { count } of this.#sent.values()) if (count > sent) fresh++;
    return fresh;
  }

  record(event: Event): void {
    this.#journal.append(event);
    this.#apply(event);
  }

  close(): void {
    this.#journal.close();
  }

  #apply(event: Event): void {
    switch (event.event) {
      case "file": {
        const { event: _, fileName, ...facts } = event;
        this.#files.set(fileName, facts);
        break;
      }
      case "dataset":
        this.#datasetId = event.id;
        this.#contents = new Map();
        this.#sent = new Map();
        this.#sentCount = 0;
        this.#selections = [];
        break;
      case "registering":
        for (const [fileName, hash] of event.samples) this.#contents.set(fileName, hash);
        break;
      case "sent":
        this.#sent.set(event.fileName, { hash: event.hash, count: ++this.#sentCount });
        break;
      case "selection": {
        const { event: _, ...selection } = event;
        this.#selections.push({ selection, sent: this.#sentCount });
        break;
      }
      default:
        // Written by a newer release: what it means can't matter to this one.
        break;
    }
  }
}
