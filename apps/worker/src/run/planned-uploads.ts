import { compareBytes } from "@winnow/storage";
import type { ChosenEncoder } from "../stages/choose-encoder.ts";
import type { Item } from "../stages/item.ts";
import { type Pool, fillFromPool } from "../stages/pool.ts";
import { picturesOf } from "../stages/pictures.ts";
import type { Reading } from "../stages/reading.ts";
import type { VectorStore } from "../stages/vector-store.ts";
import { RunFailure } from "./context.ts";
import { type Workplace, counted, stampOf } from "./workplace.ts";
import type { PlannedUpload } from "./plan-file.ts";
import type { Chosen } from "./choose-items.ts";

/** What goes to which dataset, and the vectors that go along. */
export async function plannedUploads(
  workplace: Workplace,
  chosen: ChosenEncoder,
  { images, crops, cropDatasetName }: { readonly images: Pool; readonly crops: Pool | undefined; readonly cropDatasetName: string | null },
  store: VectorStore,
  reading: Reading,
  selected: Chosen,
): Promise<{ uploads: PlannedUpload[]; vectors: Float32Array }> {
  const { context, configuration, files, videos, notices } = workplace;
  const { docker } = configuration;
  const { dimensions, encoder } = chosen;
  const stamp = stampOf(context.startedAt);
  const embeddingOf = (pool: Pool | undefined) => ({ before: pool?.embedding?.id ?? null, name: pool?.embedding === undefined ? chosen.embeddingName : `${chosen.embeddingName}_${stamp}` });
  const picks = [...selected.picks].sort((a, b) => a - b);
  const items = picks.map((item) => reading.items[item]!);
  const itemVectors = new Float32Array(items.length * dimensions);
  store.read(picks.map((item) => reading.rows[item]!), itemVectors, 0);
  const completed = (pool: Pool | undefined) => [...selected.completed.keys()].map((ordinal) => pool!.names[ordinal]!);
  const completedVectors = [...selected.completed.values()];
  if (cropDatasetName === null) {
    const upload: PlannedUpload = { kind: "images", datasetName: null, picks: items, completed: completed(images), embedding: embeddingOf(images) };
    return { uploads: [upload], vectors: joined([itemVectors, ...completedVectors]) };
  }
  // Objects come with the images that they were cut out of.
  if (!("encode" in encoder)) throw new RunFailure("Objects can't be selected with an embeddings file: it has no vectors of what is cut out. Leave `embeddings` or `object_level` out.");
  const known = new Set(images.names);
  const parents = new Map<string, Item>();
  for (const { crop } of items) if (!known.has(crop!.parent)) parents.set(crop!.parent, { fileName: crop!.parent, ...(crop!.parentFrame === undefined ? {} : { frame: crop!.parentFrame }) });
  const parentItems = [...parents.values()].sort((a, b) => compareBytes(a.fileName, b.fileName));
  const parentVectors = new Float32Array(parentItems.length * dimensions);
  const place = new Map(parentItems.map(({ fileName }, i) => [fileName, i]));
  await context.state("EMBEDDING", `Embedding the ${counted(parentItems.length, "image")} that the objects are in.`);
  for await (const picture of picturesOf(files, videos, 0, parentItems)) {
    if ("problem" in picture) continue;
    const { data } = await encoder.encode([picture.bytes]);
    parentVectors.set(data, place.get(picture.item.fileName)! * dimensions);
  }
  const imageRows = new Float32Array(images.names.length * dimensions);
  const lacking = images.names.length === 0 ? [] : await fillFromPool(context, images, encoder, imageRows);
  const wantsCrops = docker.crops.enableUpload && (docker.crops.enableUploadForTasks === null || docker.crops.enableUploadForTasks.includes(docker.objectLevel.taskName!));
  if (!wantsCrops) notices.push("No dataset of crops is made (crops.enable_upload): the images with the selected objects are added, with their predictions.");
  return {
    uploads: [
      { kind: "images", datasetName: null, picks: parentItems, completed: lacking.map((ordinal) => images.names[ordinal]!), embedding: embeddingOf(images) },
      ...(wantsCrops ? [{ kind: "crops" as const, datasetName: cropDatasetName, picks: items, completed: completed(crops), embedding: embeddingOf(crops) }] : []),
    ],
    vectors: joined([parentVectors, ...lacking.map((ordinal) => imageRows.subarray(ordinal * dimensions, (ordinal + 1) * dimensions)), ...(wantsCrops ? [itemVectors, ...completedVectors] : [])]),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
