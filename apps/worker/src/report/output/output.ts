import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Matrix } from "@winnow/curation";
import { type WritableRow, writeEmbeddingsCsv, writeFileNameList } from "@winnow/formats";
import { composeReport } from "../compose.ts";
import type { RunFacts } from "../facts.ts";
import { compactReport, fullReportText } from "../json.ts";
import { reportPage } from "../page/page.ts";
import { reportPdf } from "../pdf/pdf.ts";
import { svgText } from "../svg.ts";
import { counted, shown } from "../wording.ts";
import { type Dump, type DumpedImage, dumpImages } from "./dump.ts";
import { type Pieces, explained, writeFile } from "./files.ts";
import { openPlace } from "./place.ts";

/** A video's frames, or the images of a sequence; keys as they stand in `sequence_information.json`. */
export type SequenceInformation =
  | { readonly video_name: string; readonly frame_names: readonly string[]; readonly frame_timestamps_pts: readonly number[]; readonly frame_indices: readonly number[] }
  | { readonly filenames: readonly string[] };

/** Boxes of one image, in pixels, as they stand in `bounding_boxes.json`. */
export interface ImageBoxes {
  readonly file_name: string;
  readonly boxes: readonly { readonly category: string; readonly score: number; readonly bbox: readonly [x: number, y: number, width: number, height: number] }[];
}

export interface OutputRequest {
  readonly facts: RunFacts;
  /** The folder below which the run's own is made. */
  readonly output: string;
  /** `run_directory`; empty: date and time of the start. */
  readonly runDirectory?: string;
  /** As the encoder gave them, row i for item i of the facts. Without: no CSV is written. */
  readonly embeddings?: Matrix;
  /** Of unit length; made from `embeddings` row by row when not given. */
  readonly normalizedEmbeddings?: Matrix;
  /** `dump_sampled_embeddings`: whether `sampled.csv` is written; default true. */
  readonly dumpSampledEmbeddings?: boolean;
  readonly sequences?: AsyncIterable<SequenceInformation> | Iterable<SequenceInformation>;
  readonly boundingBoxes?: AsyncIterable<ImageBoxes> | Iterable<ImageBoxes>;
  /** Names of the samples that the dataset had before; the lists `…_excluding_datapool.txt` are without them. */
  readonly datapool?: Iterable<string>;
  /** `dump_dataset`: the selected files for `sampled/images`, taken one after the other. */
  readonly images?: AsyncIterable<DumpedImage> | Iterable<DumpedImage>;
  readonly signal?: AbortSignal;
}

export interface WrittenOutput {
  readonly folder: string;
  readonly pdf: string;
  readonly page: string;
  readonly json: string;
  readonly compactJson: string;
  readonly dumped: Dump;
}

/**
 * Writes a run's output folder (docs/report.md lists what is in it). It appears under its name when it is complete; when
 * writing fails or is aborted nothing is left of it. What may be large is written in pieces.
 * @throws RunFailure for a full disk, a missing right, a run directory that leads elsewhere; the signal's reason.
 */
export async function writeOutput(request: OutputRequest): Promise<WrittenOutput> {
  const { facts, signal, datapool = [] } = request;
  const place = await openPlace(request.output, facts.run, request.runDirectory);
  try {
    const put = (name: string, pieces: Pieces): Promise<void> => writeFile(join(place.draft, name), pieces, signal);
    const folder = async (name: string): Promise<void> => {
      try {
        await mkdir(join(place.draft, name), { recursive: true });
      } catch (error) {
        throw explained(error, place.draft);
      }
    };
    let dumped: Dump = { written: 0, skipped: [] };
    if (request.images) {
      await folder("sampled/images");
      dumped = await dumpImages(request.images, join(place.draft, "sampled/images"), signal);
    }
    await folder("data");
    await writeData(put, request);
    await folder("filenames");
    const unlisted = await writeNames(put, facts, new Set(datapool));
    const complete: RunFacts = { ...facts, notices: [...facts.notices, ...remarks(dumped, unlisted)] };
    const report = composeReport(complete);
    await put("report.json", fullReportText(complete));
    await put("report_v2.json", [`${JSON.stringify(compactReport(complete), undefined, 2)}\n`]);
    await put("report.pdf", await reportPdf(report));
    await put("report.html", reportPage(report));
    await folder("plots");
    for (const { blocks } of report.sections) {
      for (const block of blocks) {
        if (block.kind !== "charts") continue;
        for (const chart of block.charts) await put(`plots/${chart.name}.svg`, [svgText(chart.draw({ width: 760, textSize: 12 }), { description: chart.description, standalone: true })]);
      }
    }
    signal?.throwIfAborted();
    const final = await place.publish();
    return { folder: final, pdf: join(final, "report.pdf"), page: join(final, "report.html"), json: join(final, "report.json"), compactJson: join(final, "report_v2.json"), dumped };
  } catch (error) {
    await place.discard();
    throw error;
  }
}

async function writeData(put: (name: string, pieces: Pieces) => Promise<void>, request: OutputRequest): Promise<void> {
  const { facts, embeddings, normalizedEmbeddings, dumpSampledEmbeddings = true, sequences, boundingBoxes } = request;
  const { fileNames, selected } = facts.items;
  for (const points of [embeddings, normalizedEmbeddings]) {
    if (points && points.rows !== fileNames.length) throw new RangeError(`there are ${points.rows} vectors for ${fileNames.length} items`);
  }
  if (embeddings) {
    const width = { width: embeddings.columns };
    await put("data/embeddings.csv", writeEmbeddingsCsv(rows(embeddings, fileNames, fileNames.keys()), width));
    if (dumpSampledEmbeddings) await put("data/sampled.csv", writeEmbeddingsCsv(rows(embeddings, fileNames, facts.selection.picks), width));
    await put("data/removed.csv", writeEmbeddingsCsv(rows(embeddings, fileNames, removed(selected)), width));
  }
  const unit = normalizedEmbeddings ? rows(normalizedEmbeddings, fileNames, fileNames.keys()) : embeddings ? normalised(rows(embeddings, fileNames, fileNames.keys())) : undefined;
  if (unit) await put("data/normalized_embeddings.csv", writeEmbeddingsCsv(unit, { width: (normalizedEmbeddings ?? embeddings)!.columns }));
  if (sequences) await put("data/sequence_information.json", jsonList(sequences));
  if (boundingBoxes) await put("data/bounding_boxes.json", jsonList(boundingBoxes));
}

function* rows({ data, columns }: Matrix, fileNames: readonly string[], ordinals: Iterable<number>): Generator<WritableRow> {
  for (const ordinal of ordinals) yield { fileName: fileNames[ordinal]!, values: data.subarray(ordinal * columns, (ordinal + 1) * columns) };
}

function* normalised(source: Iterable<WritableRow>): Generator<WritableRow> {
  for (const { fileName, values } of source) {
    let square = 0;
    for (const value of values) square += value * value;
    // A vector of zeros has no direction and stays what it is.
    const scale = square > 0 ? 1 / Math.sqrt(square) : 1;
    yield { fileName, values: Float32Array.from(values, (value) => value * scale) };
  }
}

function* removed(selected: Uint8Array): Generator<number> {
  for (let i = 0; i < selected.length; i++) if (!selected[i]) yield i;
}

async function* jsonList(entries: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  let first = true;
  yield "[";
  for await (const entry of entries) {
    yield `${first ? "\n" : ",\n"}${JSON.stringify(entry)}`;
    first = false;
  }
  yield "\n]\n";
}

/** Writes the lists of names; returns how many names can't stand in a list of lines. */
async function writeNames(put: (name: string, pieces: Pieces) => Promise<void>, facts: RunFacts, datapool: ReadonlySet<string>): Promise<number> {
  const { fileNames, selected } = facts.items;
  const unlisted = new Set<string>();
  const listed = function* (names: Iterable<string>, keep: (name: string) => boolean): Generator<string> {
    for (const name of names) {
      if (/[\r\n]/.test(name)) unlisted.add(name);
      else if (keep(name)) yield name;
    }
  };
  const chosen = new Set<string>();
  for (const pick of facts.selection.picks) chosen.add(fileNames[pick]!);
  const lists: Record<string, () => Iterable<string>> = {
    // With the datapool: what the dataset holds after the run.
    sampled: function* () {
      for (const name of datapool) if (!chosen.has(name)) yield name;
      for (const pick of facts.selection.picks) yield fileNames[pick]!;
    },
    removed: function* () {
      for (const i of removed(selected)) yield fileNames[i]!;
    },
    corrupt: function* () {
      for (const { fileName } of facts.corrupt) yield fileName;
    },
    duplicate: function* () {
      for (const { fileName } of facts.duplicates) yield fileName;
    },
  };
  for (const [kind, names] of Object.entries(lists)) {
    await put(`filenames/${kind}_filenames.txt`, writeFileNameList(listed(names(), () => true)));
    await put(`filenames/${kind}_filenames_excluding_datapool.txt`, writeFileNameList(listed(names(), (name) => !datapool.has(name))));
  }
  return unlisted.size;
}

function remarks({ skipped }: Dump, unlisted: number): string[] {
  const found: string[] = [];
  if (skipped.length > 0) {
    const first = skipped.slice(0, 3).map(({ name, reason }) => `${shown(name)} (${reason})`);
    found.push(`${counted(skipped.length, "selected files")} could not be written to sampled/images: ${first.join("; ")}${skipped.length > 3 ? "; …" : ""}.`);
  }
  if (unlisted > 0) found.push(`${counted(unlisted, "file names")} with a line end in the name ${unlisted === 1 ? "is" : "are"} missing in the lists of filenames; they are in report.json.`);
  return found;
}
