import { mediaKind } from "@winnow/storage";
import type { ExamplePair, RunFacts } from "../report/facts.ts";
import type { ChosenEncoder } from "../stages/choose-encoder.ts";
import { distributionsOf } from "../stages/distributions.ts";
import { nearestPairs, smallJpeg } from "../stages/examples.ts";
import type { Item } from "../stages/item.ts";
import type { Listing } from "../stages/listing.ts";
import { measureItems } from "../stages/measures.ts";
import { picturesOf } from "../stages/pictures.ts";
import type { Reading } from "../stages/reading.ts";
import type { SideData } from "../stages/side-data.ts";
import { type Workplace, counted } from "./workplace.ts";
import type { Chosen } from "./choose-items.ts";

/** What the report will tell. */
export async function factsOf(
  workplace: Workplace,
  chosen: ChosenEncoder,
  { listing, missing, reading, found, side, selected }: { readonly listing: Listing; readonly missing: readonly string[]; readonly reading: Reading; readonly found: Reading; readonly side: SideData; readonly selected: Chosen },
): Promise<RunFacts> {
  const { context, configuration, files, videos, watch, notices } = workplace;
  const { docker, lightly } = configuration;
  const { candidates, rowOf, picks } = selected;
  const place = new Map(candidates.map((item, i) => [item, i]));
  const threads = docker.numThreads === null ? undefined : Math.max(1, docker.numThreads);
  const rows = [...new Set(candidates.map((item) => rowOf.get(item)!))].sort((a, b) => a - b);
  const pickedRows = [...new Set(picks.map((item) => rowOf.get(item)!))];
  const measured = await watch.time(
    "measuring",
    () => measureItems({ context, points: selected.points, firstUnit: selected.firstUnit, candidates: rows, picked: pickedRows, memoryInGB: docker.memoryRequirementInGB, threads, seed: lightly.seed }),
    () => rows.length,
  );
  const placeOfRow = new Map(rows.map((row, i) => [row, i]));
  const placeOfPick = new Map(pickedRows.map((row, i) => [row, i]));
  const chosenItems = new Uint8Array(candidates.length);
  for (const item of picks) chosenItems[place.get(item)!] = 1;
  const items = candidates.map((item) => found.items[item]!);
  const distributions = distributionsOf([...side.predictions.values()], side.metadata, items, (i) => chosenItems[i] === 1);
  const isPicked = new Set(picks);
  const pairs = nearestPairs(
    selected.points,
    candidates.filter((item) => !isPicked.has(item)).map((item) => rowOf.get(item)!),
    pickedRows,
    Math.floor(docker.nExampleImages / 2),
  );
  const itemOfRow = new Map(candidates.map((item) => [rowOf.get(item)!, found.items[item]!]));
  const examples: ExamplePair[] = [];
  const small = new Map<Item, Uint8Array>();
  for await (const picture of picturesOf(files, videos, docker.objectLevel.padding, [...new Set(pairs.flatMap(({ removed, retained }) => [itemOfRow.get(removed)!, itemOfRow.get(retained)!]))])) {
    if ("bytes" in picture) small.set(picture.item, await smallJpeg(picture.bytes).catch(() => new Uint8Array()));
  }
  for (const { removed, retained, distance } of pairs) {
    const [left, right] = [itemOfRow.get(removed)!, itemOfRow.get(retained)!];
    const [removedJpeg, retainedJpeg] = [small.get(left), small.get(right)];
    if (removedJpeg && retainedJpeg && removedJpeg.length > 0 && retainedJpeg.length > 0) examples.push({ removed: left.fileName, retained: right.fileName, distance, removedJpeg, retainedJpeg });
  }
  const corruptVideos = reading.corrupt.filter(({ fileName }) => reading.videos.has(fileName));
  for (const { fileName, reason } of corruptVideos) notices.push(`${fileName}: ${reason}. What could be decoded was looked at.`);
  if (listing.unusable.length > 0) notices.push(`${counted(listing.unusable.length, "file")} can't be taken because of the name: ${listing.unusable.slice(0, 5).map(({ fileName, reason }) => `${fileName} (${reason})`).join("; ")}${listing.unusable.length > 5 ? "; …" : ""}.`);
  if (missing.length > 0) notices.push(`${counted(missing.length, "name")} in ${docker.relevantFilenamesFile} are not in the datasource: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", …" : ""}.`);
  notices.push(...side.notices);
  const duplicates = [...reading.duplicates, ...selected.duplicates];
  const videoNames = [...reading.videos.keys()];
  const selectedIn = new Map<string, number[]>();
  for (const item of picks) {
    const frame = found.items[item]!.frame ?? found.items[item]!.crop?.parentFrame;
    if (frame === undefined) continue;
    const list = selectedIn.get(frame.video);
    if (list === undefined) selectedIn.set(frame.video, [frame.index]);
    else list.push(frame.index);
  }
  return {
    run: { id: context.runId, datasetId: context.datasetId, datasetName: context.datasetName, workerName: context.workerName, version: context.version, startedAt: context.startedAt, endedAt: Date.now() },
    itemWord: docker.objectLevel.taskName !== null ? "objects" : reading.videos.size > 0 && found.items.every(({ frame }) => frame !== undefined) ? "frames" : "images",
    configuration: { docker: { ...docker }, lightly: { ...lightly }, ...(configuration.selection === null ? {} : { selection: { ...configuration.selection } }) },
    notices: [...configuration.notices, ...notices],
    counts: {
      listed: listing.listed,
      images: listing.fileNames.filter((name) => mediaKind(name) === "image").length,
      videos: videoNames.length,
      frames: reading.frames,
      corrupt: reading.corrupt.length,
      duplicates: duplicates.length,
      missingRelevant: missing.length,
      refusedSideFiles: side.refused,
      candidates: candidates.length,
      preselected: selected.preselected,
      selected: picks.length,
      uploaded: 0,
    },
    stages: [...watch.stages],
    encoder: { name: chosen.name, dimensions: chosen.dimensions },
    items: {
      fileNames: items.map(({ fileName }) => fileName),
      selected: chosenItems,
      nearestBefore: Float64Array.from(candidates, (item) => measured.nearestBefore[placeOfRow.get(rowOf.get(item)!)!]!),
      nearestAfter: Float64Array.from(picks, (item) => measured.nearestAfter[placeOfPick.get(rowOf.get(item)!)!]!),
      ...(measured.distanceSearch === undefined ? {} : { distanceSearch: measured.distanceSearch }),
      projections: measured.projections.map(({ method, coordinates }) => ({
        method,
        coordinates: Float32Array.from(candidates.flatMap((item) => [coordinates[2 * placeOfRow.get(rowOf.get(item)!)!]!, coordinates[2 * placeOfRow.get(rowOf.get(item)!)! + 1]!])),
      })),
    },
    selection: { method: selected.method, stopped: selected.stopped, picks: picks.map((item) => place.get(item)!), reasons: selected.reasons, coverage: selected.coverage, seed: lightly.seed, inputHash: selected.inputHash },
    corrupt: reading.corrupt,
    duplicates,
    videos: videoNames.map((fileName) => ({ fileName, ...reading.videos.get(fileName)!, selected: [...new Set(selectedIn.get(fileName))].sort((a, b) => a - b) })),
    showVideoTimelines: docker.showVideoSamplingTimeline,
    classes: distributions.classes,
    metadata: distributions.metadata,
    examples,
    pretagging: docker.pretaggingDebug ? await side.pretaggedExamples() : [],
  };
}
