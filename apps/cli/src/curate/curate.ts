import { dirname, join } from "node:path";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { Problem } from "../problems.ts";
import { CollectionState } from "./collection-state.ts";
import { Vectors } from "./embed.ts";
import { type Listing, listImagesOf } from "../files/list-images.ts";
import { checkImages, knownFacts } from "./look.ts";
import { writeWhole } from "../files/write-whole.ts";
import { bindDataset } from "./naming.ts";
import { NEAR_MAX, findNearDuplicates, knownNearDuplicates } from "./near.ts";
import { type Plan, planCollection } from "./plan.ts";
import { type Progress, counted } from "../terminal/progress.ts";
import type { Findings } from "./report.ts";
import { type Wish, allPicks, selectImages } from "./selection.ts";
import { type Target, findVectors, openDataset, requireOwn, sendImages, sendVectors } from "./upload.ts";

export interface CurationOptions extends Wish {
  /** As `requireFolder` gives it. */
  readonly folder: string;
  /** The folder's path as the user gave it. */
  readonly called: string;
  /** Where what is remembered lies: a folder per dataset, and vectors. What is beside it belongs to the platform. */
  readonly stateRoot: string;
  readonly name: string | undefined;
  readonly server: { readonly url: string; readonly token: string };
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a run found, and where the app finds it. */
export interface Curated {
  readonly findings: Findings;
  readonly datasetId: string;
  readonly tagId: string;
  /** Asks the server for maps of the vectors, where it has none: nothing here waits for them. */
  readonly project: () => Promise<void>;
}

/**
 * From a folder of images to the few that are worth labelling, on a running server. Every stage first looks what is there
 * already, so a second run does nothing, and one after an interruption goes on where that was. All it keeps lies in
 * `stateRoot`: per dataset a journal (see CollectionState) and the space of its vectors; the vectors
 * themselves by content, for all datasets together.
 */
export async function curate({ folder, called, stateRoot, name: wanted, server, progress, signal, method, select }: CurationOptions): Promise<Curated> {
  const { name, stateFolder } = bindDataset(folder, stateRoot, wanted, called);
  const client = new ApiWorkflowClient({ token: server.token, serverUrl: server.url, onWarning: ({ message }) => progress.say(message) });
  const state = new CollectionState(join(stateFolder, "journal.jsonl"));
  const vectors = new Vectors(stateFolder, join(stateRoot, "vectors"));
  try {
    const listing = await listImagesOf(folder, progress, signal, dirname(stateRoot));
    const leftOut = [...listing.unusable, ...(await checkImages(listing.images, state, progress, signal))];
    const target = await openDataset(client, name, state, signal);
    const aside = new Set<string>();
    const setAside = (names: readonly string[]) => {
      for (const fileName of names) {
        aside.add(fileName);
        leftOut.push({ fileName, reason: "it changed while it was being read; the next run takes it" });
      }
    };
    const planned = () => planFor(listing, target, state, aside);

    let plan = planned();
    requireImages(plan, folder);
    const begun = state.selections.length;
    // Where an earlier run came so far, the vectors themselves, which may be large, aren't read at all.
    const nameBefore = vectors.nameOf(plan.samples);
    const storedBefore = nameBefore === undefined ? undefined : await findVectors(target, nameBefore, signal);
    const nearBefore = nameBefore === undefined ? undefined : knownNearDuplicates(stateFolder, nameBefore);
    if ((storedBefore === undefined || nearBefore === undefined) && !vectors.isComplete(plan.samples)) {
      // Once more when images turned out to be broken only now.
      for (;;) {
        const { broken, changed } = await vectors.complete(plan, folder, listing, state, progress, signal);
        setAside(changed);
        if (broken === 0 && changed.length === 0) break;
        plan = planned();
        requireImages(plan, folder);
      }
    }
    const { samples } = plan;
    const embeddingName = vectors.nameOf(samples)!;
    const same = embeddingName === nameBefore;
    const near = (same ? nearBefore : undefined) ?? (await findNearDuplicates(stateFolder, embeddingName, samples, vectors, progress, signal));
    const unsent = await sendImages(target, plan, folder, state, progress, signal);
    for (const fileName of unsent) leftOut.push({ fileName, reason: "it changed while it was being uploaded; the next run takes it" });
    requireOwn(await client.getFilenames({ signal }), samples);
    const { id: embeddingId, projected } = (same ? storedBefore : undefined) ?? (await sendVectors(target, embeddingName, samples, vectors, stateFolder, progress, signal));
    const selection = await selectImages(target, { method, select }, { embeddingId, embeddingName, samples, vectors }, state, progress, signal);
    const added = samples.length - plan.registered;
    const nothingNew = added === 0 && plan.changed.length === 0 && state.selections.length === begun;
    if (nothingNew) progress.say(`Nothing new: ${counted(samples.length, "image")} as before.`);
    const findings: Findings = {
      folder: called,
      dataset: name,
      files: listing.images.length + listing.unusable.length,
      samples: samples.length,
      added: plan.registered === 0 ? 0 : added,
      changed: plan.changed,
      deleted: plan.deleted,
      broken: plan.broken,
      leftOut,
      duplicates: plan.duplicates,
      near: samples.length > NEAR_MAX ? undefined : near.map((group) => group.map((ordinal) => samples[ordinal]!.fileName)),
      selection,
      picks: allPicks(selection, state.selections),
      nothingNew,
    };
    const project = async () => {
      if (projected) return;
      for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"] as const) {
        await client.call(domains.embeddings.trigger2dEmbeddingsJob, { path: { datasetId: target.datasetId, embeddingId }, body: { dimensionalityReductionMethod }, signal });
      }
    };
    return { findings, datasetId: target.datasetId, tagId: selection.tagId, project };
  } finally {
    progress.clear();
    vectors.close();
    state.close();
  }
}

function planFor({ images }: Listing, { registered }: Target, state: CollectionState, aside: ReadonlySet<string>): Plan {
  const facts = new Map(images.map((image) => [image.fileName, aside.has(image.fileName) ? undefined : knownFacts(image, state)]));
  return planCollection([...facts.keys()], (fileName) => facts.get(fileName), registered, (fileName) => state.contentOf(fileName));
}

/** @throws Problem when there is nothing to select from, or the dataset isn't one of ours */
function requireImages(plan: Plan, folder: string): void {
  const foreign = plan.samples.find(({ hash }) => hash === "");
  if (foreign !== undefined) throw new Problem(`The dataset has samples that were put there otherwise (${foreign.fileName}). Choose another dataset (--name with winnow start, --dataset with winnow curate).`);
  if (plan.samples.length === 0) throw new Problem(`None of the images in ${folder} can be used${plan.broken.length === 0 ? "" : `: ${plan.broken[0]!.fileName}: ${plan.broken[0]!.reason}`}.`);
}

/** Writes the selected files that are still there, one path per line. @returns how many are not */
export function writePicks(path: string, { picks, deleted }: Findings): number {
  const gone = new Set(deleted);
  const there = picks.filter(({ fileName }) => !gone.has(fileName));
  writeWhole(path, there.map(({ fileName }) => `${fileName}\n`).join(""));
  return picks.length - there.length;
}
