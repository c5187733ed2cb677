import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, opendir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import type { BlobRange } from "../blob-store.ts";
import { listPages, type Listing, type ProviderPage } from "../listing.ts";
import { checkedPath, checkedSeconds } from "../paths.ts";
import { SourceError } from "../source-error.ts";
import type { ListOptions, Source, SourceEntry, SourceFacts, SourcePage, SourceVerification, UrlAbilities } from "../source.ts";
import { verifySource } from "../verify.ts";
import { NameWindow, Walker, type Bound, type Named, type Names, type Tree } from "../walk.ts";

/** Makes an address for a file of a folder: the program that serves the folder knows it, the folder doesn't. */
export type FolderUrl = (path: string, method: "GET" | "PUT", seconds: number) => string | Promise<string>;

export interface FolderOptions {
  /** Folders that the operator allows: the datasource, and whatever symbolic links in it lead to, must lie in one of them. Default: the datasource's own folder. */
  readonly roots?: readonly string[];
  /** Folders that stay closed although they lie in an allowed one: not listed, read or written. Default: none. */
  readonly closed?: readonly string[];
  /** Without it `readUrl` and `writeUrl` are refused. */
  readonly url?: FolderUrl;
  /** Longest validity of an address in seconds. Default: 7 days. */
  readonly urlSecondsMax?: number;
  /** How many names of one folder are held at a time. Default: 65,536, about 10 MB. */
  readonly windowSize?: number;
}

/** Names of files that are being written, or were when their writer ended. */
const unfinished = /^\.winnow-[0-9a-f-]{36}\.partial$/;

/** How many files are asked for their facts at the same time: Node has four threads for it. */
const statsAtOnce = 16;

/**
 * A folder of this machine as a datasource. Symbolic links are followed where they lead to a place below the allowed
 * roots; others are not listed and can't be read. Links that lead back to a folder above themselves are not descended into.
 */
export class FolderSource implements Source, Tree {
  readonly urls: UrlAbilities;
  readonly #folder: string;
  readonly #roots: readonly string[];
  readonly #closed: readonly string[];
  readonly #url: FolderUrl | undefined;
  readonly #windowSize: number;
  readonly #walker: Walker<Named> = new Walker(this);

  constructor(folder: string, options: FolderOptions = {}) {
    this.#folder = resolve(folder);
    this.#roots = options.roots ?? [this.#folder];
    this.#closed = options.closed ?? [];
    this.#url = options.url;
    this.#windowSize = options.windowSize ?? 65_536;
    this.urls = { secondsMax: options.urlSecondsMax ?? 604_800, carriesCredential: false, neverExpires: false, writeHeaders: {} };
  }

  list(options: ListOptions): Promise<SourcePage> {
    return listPages(options, (...step) => this.step(...step));
  }

  /** One step of a listing; the position is the path of the last file. For servers that keep no cursor. */
  async step({ prefix }: Listing, at: string | undefined, limit: number, signal?: AbortSignal): Promise<ProviderPage> {
    if (at === undefined) await this.#real("");
    const { found: files, done } = await this.#walker.take(prefix, at ?? "", limit, signal);
    const entries: SourceEntry[] = [];
    for (let start = 0; start < files.length; start += statsAtOnce) {
      const found = await Promise.all(files.slice(start, start + statsAtOnce).map(async ({ path }) => ({ path, facts: await this.facts(path) })));
      // One that is gone by now was not there.
      for (const { path, facts } of found) if (facts) entries.push({ path, sizeBytes: facts.sizeBytes, modifiedMs: facts.modifiedMs });
    }
    return { entries, next: done ? undefined : files.at(-1)?.path };
  }

  async read(path: string, range?: BlobRange): Promise<Readable> {
    const real = await this.#real(checkedPath(path));
    try {
      // Before opening: opening a pipe would wait for a writer.
      if (!(await stat(real)).isFile()) throw new SourceError("path", `"${path}" is no file.`, path);
      if (range && range.end < range.start) return Readable.from([]);
      const file = await open(real, "r");
      return createReadStream("", { fd: file, ...(range && { start: range.start, end: range.end }) });
    } catch (error) {
      throw asSourceError(error, path);
    }
  }

  async facts(path: string): Promise<SourceFacts | undefined> {
    checkedPath(path);
    try {
      const found = await stat(await this.#real(path));
      if (!found.isFile()) return undefined;
      return { sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs), etag: `"${found.size.toString(16)}-${Math.round(found.mtimeMs * 1000).toString(16)}"` };
    } catch (error) {
      if (isMissing(error) || (error instanceof SourceError && error.kind === "path")) {
        // A folder that is not there at all is an error of the datasource, not a missing file.
        await this.#real("");
        return undefined;
      }
      throw asSourceError(error, path);
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const target = await this.#realForWriting(path);
    // A leading dot keeps unfinished files out of listings, also out of those of other programs.
    const temporary = join(dirname(target), `.winnow-${randomUUID()}.partial`);
    try {
      await mkdir(dirname(target), { recursive: true });
      const file = await open(temporary, "wx");
      try {
        for await (const chunk of content instanceof Uint8Array ? [content] : content) {
          let written = 0;
          while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await rm(temporary, { force: true });
      throw asSourceError(error, path);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(await this.#realForWriting(path), { force: true });
    } catch (error) {
      throw asSourceError(error, path);
    }
  }

  readUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, "GET", seconds);
  }

  writeUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, "PUT", seconds);
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return verifySource(this, options);
  }

  close(): void {}

  async #signed(path: string, method: "GET" | "PUT", seconds: number): Promise<string> {
    checkedPath(path);
    checkedSeconds(seconds, this.urls);
    if (!this.#url) throw new SourceError("configuration", "This folder has no addresses: nothing here serves it.", path);
    return await this.#url(path, method, seconds);
  }

  /** Where a file really is, links resolved. @throws SourceError `path` when it is not there, `permission` when it lies outside of what is allowed */
  async #real(path: string): Promise<string> {
    const local = path === "" ? this.#folder : join(this.#folder, ...localParts(path));
    let real: string;
    try {
      real = await realpath(local);
    } catch (error) {
      if (path !== "" && isMissing(error)) {
        // What is and what isn't in a closed folder must look the same from outside.
        await this.#real(path.split("/").slice(0, -1).join("/")).catch((above: unknown) => {
          if (above instanceof SourceError && above.kind === "permission") throw above;
        });
        throw new SourceError("path", `There is no file "${path}".`, path);
      }
      if (isMissing(error)) throw new SourceError("path", `There is no folder "${this.#folder}" on the machine of the server.`);
      throw asSourceError(error, path);
    }
    if (!(await this.#isAllowed(real))) {
      throw path === ""
        ? new SourceError("permission", `The folder "${this.#folder}" is not below one that the operator of the server allows.`)
        : new SourceError("permission", `"${path}" leads to a place that the operator of the server doesn't allow.`, path);
    }
    return real;
  }

  /** The nearest folder that exists must be allowed: what is made below it then is too. */
  async #realForWriting(path: string): Promise<string> {
    const parts = localParts(path);
    await this.#real("");
    for (let count = parts.length - 1; count >= 0; count--) {
      const folder = parts.slice(0, count).join("/");
      try {
        return join(await this.#real(folder), ...parts.slice(count));
      } catch (error) {
        if (count === 0 || !(error instanceof SourceError) || error.kind !== "path") throw error;
        // A link to nowhere exists, although what it leads to doesn't: making the folder would make it there.
        if (await isLink(join(this.#folder, folder))) throw error;
      }
    }
    throw new SourceError("path", `"${path}" is no path of a file.`, path);
  }

  async #isAllowed(real: string): Promise<boolean> {
    for (const folder of this.#closed) {
      const closed = await realpath(folder).catch(() => resolve(folder));
      if (isInside(closed, real)) return false;
    }
    for (const root of this.#roots) {
      const allowed = await realpath(root).catch(() => undefined);
      if (allowed !== undefined && isInside(allowed, real)) return true;
    }
    return false;
  }

  /** Whether there is a folder of that path; "" is the datasource itself. */
  async hasFolder(path: string): Promise<boolean> {
    try {
      return (await stat(await this.#real(path))).isDirectory();
    } catch (error) {
      if (path !== "" && error instanceof SourceError && error.kind === "path") return false;
      throw error;
    }
  }

  /** The names of one folder, hidden ones too, but not the unfinished files of writes. */
  async names(folder: string, bound: Bound): Promise<Names<Named>> {
    const window = new NameWindow<Named>(bound, this.#windowSize);
    const real = folder === "" ? await this.#real("") : await this.#realFolder(folder.slice(0, -1));
    if (real === undefined) return { items: [], more: false };
    try {
      for await (const entry of await opendir(real, { bufferSize: 512 })) {
        if (unfinished.test(entry.name)) continue;
        if (entry.isDirectory()) window.add({ name: `${entry.name}/` });
        else if (entry.isFile()) window.add({ name: entry.name });
        else if (entry.isSymbolicLink()) {
          const target = await realpath(join(real, entry.name)).catch(() => undefined);
          if (target === undefined || !(await this.#isAllowed(target))) continue;
          const facts = await stat(target).catch(() => undefined);
          if (facts?.isDirectory()) window.add({ name: `${entry.name}/` });
          else if (facts?.isFile()) window.add({ name: entry.name });
        }
      }
    } catch (error) {
      if (isMissing(error)) return { items: [], more: false };
      throw asSourceError(error, folder);
    }
    return window.take();
  }

  /** Undefined when the folder is gone, not allowed, or the same as one above it. */
  async #realFolder(folder: string): Promise<string | undefined> {
    const top = await this.#real("");
    const real = await this.#real(folder).catch(() => undefined);
    if (real === undefined || real === join(top, ...folder.split("/"))) return real;
    const parts = folder.split("/");
    for (let count = 0; count < parts.length; count++) {
      if ((await this.#real(parts.slice(0, count).join("/"))) === real) return undefined;
    }
    return real;
  }
}

function localParts(path: string): string[] {
  const parts = checkedPath(path).split("/");
  if (sep === "\\" && parts.some((part) => /[\\:]/.test(part))) throw new SourceError("path", `"${path}" can't be a file's name on this machine.`, path);
  return parts;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (!way.startsWith(`..${sep}`) && way !== ".." && !isAbsolute(way));
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;
}

/** A new name is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Errors of the content that is being written pass through as they are: they are not the folder's. */
function asSourceError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof SourceError || typeof code !== "string" || (error as NodeJS.ErrnoException).syscall === undefined) return error;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new SourceError("path", `There is no file "${path}".`, path);
    case "EISDIR":
    case "EEXIST":
      return new SourceError("path", `"${path}" is a folder, not a file.`, path);
    case "ENAMETOOLONG":
      return new SourceError("path", `The name "${path}" is longer than the disk allows.`, path);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new SourceError("permission", `The server may not do this with "${path}": check the rights of the user that it runs as.`, path);
    case "ENOSPC":
    case "EDQUOT":
      return new SourceError("provider", `The disk has no space left for "${path}".`, path);
    default:
      return new SourceError("provider", `The disk failed at "${path}" (${code}).`, path);
  }
}
