import { randomUUID } from "node:crypto";
import { finished } from "node:stream/promises";
import { SourceError, type SourceErrorKind } from "./source-error.ts";
import type { Source, SourceVerification } from "./source.ts";

/** Reasons for which nothing at all can be done. Some providers tell them to a listing only: asked for one file they say that it isn't there. */
const hopeless: ReadonlySet<SourceErrorKind> = new Set(["credential", "bucket", "region", "configuration", "unreachable", "forbidden"]);

/** Tries what a source allows; see `Source.verify`. */
export async function verifySource(source: Source, { tryWrite = true }: { readonly tryWrite?: boolean } = {}): Promise<SourceVerification> {
  const errors: { canRead?: string; canWrite?: string; canList?: string; canOverwrite?: string } = {};
  const attempt = async (ability: keyof typeof errors, run: () => Promise<void>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      // What isn't a SourceError may hold anything, a secret too.
      errors[ability] = error instanceof SourceError ? error.message : "The datasource failed in a way that is not known here.";
      return false;
    }
  };
  let known: string | undefined;
  let refusal: SourceError | undefined;
  let noFolder: SourceError | undefined;
  const canList = await attempt("canList", async () => {
    const page = await source.list({ limit: 10 }).catch((error: unknown) => {
      if (error instanceof SourceError && hopeless.has(error.kind)) refusal = error;
      if (error instanceof SourceError && error.kind === "path") noFolder = error;
      throw error;
    });
    known = page.entries[0]?.path;
  });
  const probe = `.lightly/.winnow-verify-${randomUUID()}`;
  let canWrite = false;
  let canOverwrite = false;
  if (tryWrite) {
    canWrite = await attempt("canWrite", () => source.write(probe, Buffer.from("first")));
    if (canWrite) canOverwrite = await attempt("canOverwrite", () => source.write(probe, Buffer.from("again")));
    else if (errors.canWrite !== undefined) errors.canOverwrite = errors.canWrite;
    if (canWrite) known ??= probe;
  } else {
    errors.canWrite = errors.canOverwrite = "Writing was not tried: this datasource is only read.";
  }
  const canRead = await attempt("canRead", async () => {
    if (known === undefined && refusal) throw refusal;
    // Who hears "no such file" of a folder that isn't there has read nothing.
    if (known === undefined && noFolder) throw noFolder;
    if (known === undefined) {
      // Nothing there to read: being told "no such file" shows that reading is allowed, and that the bucket is there.
      await source.facts(probe);
      return;
    }
    await finished((await source.read(known, { start: 0, end: 0 })).resume());
  });
  // Keys that may write often may not remove: then the probe stays, under a name that no listing shows.
  if (canWrite) await source.remove(probe).catch(() => {});
  return { canRead, canWrite, canList, canOverwrite, ...(Object.keys(errors).length > 0 ? { errors } : {}) };
}
