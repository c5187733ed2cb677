import type { ExportQuery } from "@winnow/contract";
import { labelStudioTask, labelboxDataRow, samaTask } from "@winnow/formats";
import { StreamedJson, PlainText, jsonArray } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import type { SampleTable, TagTable } from "../db/schema.ts";
import { sampleData } from "../samples/sample-json.ts";
import { readSamplesByOrdinal, sampleColumns } from "../samples/store.ts";
import { maskOf } from "../tags/store.ts";
import { imageAddresses } from "./addresses.ts";

export const previewRows = 3;

/** One row of an export, and its number in it. */
interface Row {
  readonly sample: SampleTable;
  readonly number: number;
}

export interface Exported {
  readonly context: Context;
  readonly dataset: DatasetAccess;
  readonly tag: TagTable;
  readonly query: ExportQuery;
  readonly baseUrl: string;
}

const nameColumns = ["id", "file_name"] as const;

/** The rows of the page that is asked for. */
async function* rows({ context, dataset, tag, query }: Exported): AsyncIterable<Row[]> {
  const from = query.pageOffset ?? 0;
  let ordinals = maskOf(tag).ordinals().subarray(from);
  if (query.pageSize !== undefined) ordinals = ordinals.subarray(0, query.pageSize);
  if (query.previewExample) ordinals = ordinals.subarray(0, previewRows);
  let number = from;
  for await (const page of readSamplesByOrdinal(context.db, dataset.row.id, query.includeMetaData ? sampleColumns : nameColumns, ordinals)) {
    yield page.map((sample) => ({ sample: sample as SampleTable, number: number++ }));
  }
}

/** How a sample is called in an export. */
function naming({ context, dataset, query, baseUrl }: Exported): (sample: SampleTable) => string {
  if (query.fileNameFormat !== "REDIRECTED_READ_URL") return (sample) => sample.file_name;
  const address = imageAddresses(context, baseUrl, dataset.row.id, query);
  return (sample) => address(sample.id);
}

export function labelStudio(exported: Exported): StreamedJson {
  const address = imageAddresses(exported.context, exported.baseUrl, exported.dataset.row.id, exported.query);
  const name = naming(exported);
  return new StreamedJson(
    jsonArray(rows(exported), ({ sample, number }: Row) =>
      JSON.stringify(labelStudioTask({ id: number, imageUrl: address(sample.id), fileName: name(sample), sample: exported.query.includeMetaData ? sampleData(sample) : undefined })),
    ),
  );
}

export function labelbox(exported: Exported): StreamedJson {
  const address = imageAddresses(exported.context, exported.baseUrl, exported.dataset.row.id, exported.query);
  const name = naming(exported);
  return new StreamedJson(jsonArray(rows(exported), ({ sample }: Row) => JSON.stringify(labelboxDataRow({ fileName: name(sample), imageUrl: address(sample.id) }))));
}

/** Clients generated from protocol 1.2 read one object, later ones the list. */
export function sama(exported: Exported, asObject: boolean): StreamedJson {
  const address = imageAddresses(exported.context, exported.baseUrl, exported.dataset.row.id, exported.query);
  const name = naming(exported);
  const list = jsonArray(rows(exported), ({ sample, number }: Row) =>
    JSON.stringify(samaTask({ id: number, imageUrl: address(sample.id), fileName: name(sample), sample: exported.query.includeMetaData ? sampleData(sample) : undefined })),
  );
  return new StreamedJson(asObject ? surrounded('{"tasks":', list, "}") : list);
}

async function* surrounded(before: string, pieces: AsyncIterable<string>, after: string): AsyncIterable<string> {
  yield before;
  yield* pieces;
  yield after;
}

/**
 * File names: one text with a name a line, or JSON. Clients of the protocol take the text as a JSON string,
 * since a bare one could be mistaken for JSON; who asks for text gets it bare.
 */
export function fileNames(exported: Exported, wantsJson: boolean): StreamedJson | PlainText {
  const name = naming(exported);
  if (exported.query.format === "JSON") {
    return new StreamedJson(
      jsonArray(rows(exported), ({ sample }: Row) => JSON.stringify(exported.query.includeMetaData ? { fileName: name(sample), metaData: sampleData(sample) } : name(sample))),
    );
  }
  async function* lines(): AsyncIterable<string> {
    let begun = false;
    for await (const page of rows(exported)) {
      if (page.length === 0) continue;
      yield (begun ? "\n" : "") + page.map(({ sample }) => name(sample)).join("\n");
      begun = true;
    }
  }
  if (!wantsJson) return new PlainText(lines());
  async function* asJsonString(): AsyncIterable<string> {
    yield '"';
    for await (const piece of lines()) yield JSON.stringify(piece).slice(1, -1);
    yield '"';
  }
  return new StreamedJson(asJsonString());
}

export function fileNamesAndReadUrls(exported: Exported): StreamedJson {
  const address = imageAddresses(exported.context, exported.baseUrl, exported.dataset.row.id, exported.query);
  return new StreamedJson(jsonArray(rows(exported), ({ sample }: Row) => JSON.stringify({ fileName: sample.file_name, readUrl: address(sample.id) })));
}
