import type { Readable } from "node:stream";
import { type BlobRange, type ListOptions, type Source, SourceError, type SourceFacts, type SourcePage, type SourceVerification, type UrlAbilities } from "@winnow/storage";
import { DomainError } from "../app/errors.ts";

/**
 * A source whose unforeseen failures say nothing: the errors of the providers' clients hold requests, and with them
 * credentials, which must not come into a log or an answer.
 */
export class GuardedSource implements Source {
  constructor(readonly inner: Source) {}

  get urls(): UrlAbilities {
    return this.inner.urls;
  }

  list(options: ListOptions): Promise<SourcePage> {
    return guarded(() => this.inner.list(options), options.signal);
  }

  read(path: string, range?: BlobRange): Promise<Readable> {
    return guarded(() => this.inner.read(path, range));
  }

  facts(path: string): Promise<SourceFacts | undefined> {
    return guarded(() => this.inner.facts(path));
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    if (content instanceof Uint8Array) return guarded(() => this.inner.write(path, content));
    // Failures of the sender are not the source's: they pass through.
    let sender: { error: unknown } | undefined;
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* content as AsyncIterable<Uint8Array>;
      } catch (error) {
        sender = { error };
        throw error;
      }
    }
    try {
      await this.inner.write(path, watched());
    } catch (error) {
      if (sender) throw sender.error;
      throw harmless(error);
    }
  }

  remove(path: string): Promise<void> {
    return guarded(() => this.inner.remove(path));
  }

  readUrl(path: string, seconds: number): Promise<string> {
    return guarded(() => this.inner.readUrl(path, seconds));
  }

  writeUrl(path: string, seconds: number): Promise<string> {
    return guarded(() => this.inner.writeUrl(path, seconds));
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return guarded(() => this.inner.verify(options));
  }

  close(): void {
    this.inner.close();
  }
}

async function guarded<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw harmless(error);
  }
}

/** Errors that are written for users as they are; of others no more than a name. */
export function harmless(error: unknown): Error {
  if (error instanceof SourceError || error instanceof DomainError) return error;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const what = [code, name].find((one) => typeof one === "string" && /^[A-Za-z][A-Za-z0-9_.]{1,60}$/.test(one)) ?? "unknown";
  return new SourceError("provider", `The datasource failed in a way that is not known here (${String(what)}).`);
}
