import { domains } from "@winnow/client";
import type { RunContext } from "../run/context.ts";

type Page = { readonly hasMore: boolean; readonly cursor: string; readonly data: readonly { readonly fileName: string }[] };

/** Paths of the prediction files of a task, or of the metadata files, from the root of the datasource, a page at a time. */
export async function* sideFiles(context: RunContext, what: { readonly task: string } | "metadata", relevantFilenamesFile: string | null): AsyncGenerator<readonly string[], void, undefined> {
  const { client, datasetId, signal } = context;
  const relevant = relevantFilenamesFile === null ? {} : { relevantFilenamesFileName: relevantFilenamesFile };
  const next = (query: { readonly from?: number; readonly cursor?: string }): Promise<Page> =>
    what === "metadata"
      ? client.call(domains.datasources.getListOfRawSamplesMetadataFromDatasourceByDatasetId, { path: { datasetId }, query: { ...query, ...relevant }, signal })
      : client.call(domains.datasources.getListOfRawSamplesPredictionsFromDatasourceByDatasetId, { path: { datasetId }, query: { ...query, ...relevant, taskName: what.task }, signal });
  let page = await next({ from: 0 });
  for (;;) {
    yield page.data.map(({ fileName }) => fileName);
    if (!page.hasMore) return;
    page = await next({ cursor: page.cursor });
  }
}

/** Side files that were refused: how many, and what is wrong with the first few. */
export class Refusals {
  count = 0;
  /** Files about images that the datasource doesn't hold. */
  unknown = 0;
  readonly #examples: string[] = [];
  readonly #unknownExamples: string[] = [];
  readonly #what: string;

  constructor(what: string) {
    this.#what = what;
  }

  add(message: string): void {
    this.count++;
    if (this.#examples.length < 5) this.#examples.push(message);
  }

  addUnknown(path: string): void {
    this.unknown++;
    if (this.#unknownExamples.length < 5) this.#unknownExamples.push(path);
  }

  /** Sentences for the report. */
  notices(): string[] {
    const notices: string[] = [];
    if (this.count > 0) notices.push(`${this.count} ${this.#what} could not be used: ${this.#examples.join(" ")}${this.count > this.#examples.length ? " …" : ""}`);
    if (this.unknown > 0) notices.push(`${this.unknown} ${this.#what} are about images that the datasource does not hold, and were left out: ${this.#unknownExamples.join(", ")}${this.unknown > this.#unknownExamples.length ? ", …" : ""}.`);
    return notices;
  }
}
