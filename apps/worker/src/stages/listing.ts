import { setTimeout as wait } from "node:timers/promises";
import { domains } from "@winnow/client";
import type { DatasourceRawSamplesData } from "@winnow/contract";
import { unusableName } from "@winnow/media";
import type { RunContext } from "../run/context.ts";
import { RunFailure } from "../run/context.ts";

/** What the datasource holds for this run. */
export interface Listing {
  /** Images and videos in byte order of their paths. */
  readonly fileNames: readonly string[];
  /** Seconds since the epoch: everything up to then is listed, and counts as processed when the run is done. */
  readonly until: number;
  /** Seconds since the epoch from which on files were listed; 0: all. */
  readonly from: number;
  /** Files that can't be samples because of their names. */
  readonly unusable: readonly { readonly fileName: string; readonly reason: string }[];
  /** How many files the datasource listed, those of no use included. */
  readonly listed: number;
}

export interface ListingOptions {
  readonly processAll: boolean;
  readonly relevantFilenamesFile: string | null;
}

/** Lists what came into the datasource since the run before. */
export async function listInput(context: RunContext, { processAll, relevantFilenamesFile }: ListingOptions): Promise<Listing> {
  const { client, datasetId, signal } = context;
  const processed = processAll ? 0 : await client.getProcessedUntilTimestamp({ signal });
  const from = processed === 0 ? 0 : processed + 1;
  const until = Math.floor(Date.now() / 1000);
  // Times are whole seconds: a file that comes in the running one would be passed over by this run and the next.
  await wait(Math.max(0, (until + 1) * 1000 - Date.now()), undefined, { signal });
  const fileNames: string[] = [];
  const unusable: { fileName: string; reason: string }[] = [];
  const relevant = relevantFilenamesFile === null ? {} : { relevantFilenamesFileName: relevantFilenamesFile };
  let query: { from: number; to: number } | { cursor: string } = { from, to: until };
  for (let listed = 0; ; ) {
    const page: DatasourceRawSamplesData = await client.call(domains.datasources.getListOfRawSamplesFromDatasourceByDatasetId, { path: { datasetId }, query: { ...query, ...relevant }, signal }).catch((error: Error) => {
      throw new RunFailure(`The datasource could not be listed: ${sentence(error)}`);
    });
    for (const { fileName } of page.data) {
      const reason = unusableName(fileName);
      if (reason === undefined) fileNames.push(fileName);
      else unusable.push({ fileName, reason });
    }
    listed += page.data.length;
    context.progress("listing", listed, page.hasMore ? null : listed);
    if (!page.hasMore) return { fileNames, until, from, unusable, listed };
    query = { cursor: page.cursor };
  }
}

/** Names in the file of relevant file names that the datasource doesn't have, as far as they are plain names. */
export async function missingRelevant(text: string, { fileNames, from }: Listing): Promise<string[]> {
  // A name of a file that an earlier run has processed is not missing.
  if (from > 0) return [];
  const listed = new Set(fileNames);
  return [...new Set(text.split(/\r?\n/).filter((line) => line !== "" && !line.includes("*")))].filter((name) => !listed.has(name));
}

/** What the server said, without method and path in front. */
export function sentence(error: Error): string {
  return error.message.replace(/^[A-Z]+ \/\S+: \d+ (?:[A-Z0-9_]+: )?/, "");
}
