import { compareBytes } from "./paths.ts";

/** A name in a folder. Folders end with a slash, which is how their contents sort among their neighbours. */
export interface Named {
  readonly name: string;
}

/** A folder's names behind a bound, sorted by bytes. */
export interface Names<Item extends Named> {
  readonly items: readonly Item[];
  /** There are names behind the last one. */
  readonly more: boolean;
}

/** A file that a walk came across, with what the tree knows of it. */
export interface Found<Item extends Named> {
  readonly path: string;
  readonly item: Item;
}

/** Something with folders. `folder` is "" or ends with a slash. */
export interface Tree<Item extends Named = Named> {
  /** Names from a bound on that start with a prefix; nothing when there is no such folder below the root. */
  names(folder: string, bound: Bound, signal: AbortSignal | undefined): Promise<Names<Item>>;
}

export interface Bound {
  readonly prefix: string;
  /** Names before this one are not wanted; "" for all. */
  readonly from: string;
  /** Whether `from` itself is. */
  readonly inclusive: boolean;
}

/** All files whose paths start with a prefix and sort behind `after`, in byte order of their paths. Leaves out names with a leading dot that the prefix doesn't reach into. */
export async function* walk<Item extends Named>(tree: Tree<Item>, prefix: string, after: string, signal?: AbortSignal): AsyncGenerator<Found<Item>, void, undefined> {
  const top = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const position = after.startsWith(top) ? after.slice(top.length) : "";
  yield* walkFolder(tree, top, prefix.slice(top.length), position, signal);
}

async function* walkFolder<Item extends Named>(tree: Tree<Item>, folder: string, prefix: string, after: string, signal: AbortSignal | undefined): AsyncGenerator<Found<Item>, void, undefined> {
  const slash = after.indexOf("/");
  // A position inside a sub-folder means that this sub-folder isn't done.
  const resumed = slash === -1 ? undefined : after.slice(0, slash + 1);
  let bound: Bound = { prefix, from: resumed ?? after, inclusive: resumed !== undefined };
  for (;;) {
    signal?.throwIfAborted();
    const { items, more } = await tree.names(folder, bound, signal);
    for (const item of items) {
      const { name } = item;
      if (name.startsWith(".") && !prefix.startsWith(".")) continue;
      if (name.endsWith("/")) yield* walkFolder(tree, folder + name, "", name === resumed ? after.slice(slash + 1) : "", signal);
      else yield { path: folder + name, item };
    }
    const last = items.at(-1);
    if (!more || last === undefined) return;
    bound = { prefix, from: last.name, inclusive: false };
  }
}

/**
 * Keeps the first names behind a bound of a folder that is too large to be held: one pass over the folder gives one
 * window, so memory is twice the window whatever the folder holds.
 */
export class NameWindow<Item extends Named> {
  #items: Item[] = [];
  #cut = false;
  #last: string | undefined;
  constructor(
    readonly bound: Bound,
    readonly size: number,
  ) {}

  add(item: Item): void {
    const { name } = item;
    const { prefix, from, inclusive } = this.bound;
    if (!name.startsWith(prefix)) return;
    if (from !== "") {
      const order = compareBytes(name, from);
      if (order < 0 || (order === 0 && !inclusive)) return;
    }
    if (this.#last !== undefined && compareBytes(name, this.#last) > 0) return;
    this.#items.push(item);
    if (this.#items.length >= 2 * this.size) this.#shrink();
  }

  take(): Names<Item> {
    if (this.#items.length > this.size) this.#shrink();
    else this.#items.sort((a, b) => compareBytes(a.name, b.name));
    return { items: this.#items, more: this.#cut };
  }

  #shrink(): void {
    this.#items.sort((a, b) => compareBytes(a.name, b.name));
    this.#items.length = this.size;
    this.#last = this.#items.at(-1)?.name;
    this.#cut = true;
  }
}

/**
 * Hands out a walk in steps. The walk behind the page before is kept, so that going on costs nothing; after a restart,
 * or when somebody else goes on from the same place, a new walk starts at the position.
 */
export class Walker<Item extends Named> {
  #kept: { readonly prefix: string; readonly after: string; readonly files: AsyncGenerator<Found<Item>, void, undefined> } | undefined;
  constructor(readonly tree: Tree<Item>) {}

  /** Up to `limit` files behind `after`; `done` when there are none behind them. */
  async take(prefix: string, after: string, limit: number, signal?: AbortSignal): Promise<{ found: Found<Item>[]; done: boolean }> {
    const kept = this.#kept;
    this.#kept = undefined;
    // A signal belongs to one request, so a kept walk must not hear the one it was begun with.
    const walking = kept?.prefix === prefix && kept.after === after && after !== "" ? kept.files : walk(this.tree, prefix, after);
    const found: Found<Item>[] = [];
    while (found.length < limit) {
      signal?.throwIfAborted();
      const step = await walking.next();
      if (step.done) return { found, done: true };
      found.push(step.value);
    }
    this.#kept = { prefix, after: found.at(-1)?.path ?? after, files: walking };
    return { found, done: false };
  }
}
