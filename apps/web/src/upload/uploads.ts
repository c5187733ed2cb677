import { useSyncExternalStore } from "react";
import { RequestError, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { messageOf } from "../states/problem.tsx";
import type { NamedFile } from "./dropped-files.ts";
import { Journal } from "./journal.ts";
import { prepare } from "./thumbnail.ts";

export interface Upload {
  readonly id: number;
  readonly datasetId: string;
  readonly datasetName: string;
  readonly total: number;
  readonly done: number;
  readonly bytesDone: number;
  readonly startedMs: number;
  readonly state: "running" | "waiting" | "finished" | "stopped" | "failed";
  /** Files that could not be read as images. */
  readonly broken: readonly string[];
  readonly problem?: string;
}

const filesAtOnce = 64;
const sendingAtOnce = 4;
const keepEveryMs = 1500;
/** Pauses while the server is away, in milliseconds; the last one is repeated. */
const pausesMs = [1000, 2000, 4000, 8000, 15_000];

let uploads: readonly Upload[] = [];
const listeners = new Set<() => void>();
const controllers = new Map<number, AbortController>();
let count = 0;

function update(id: number, changes: Partial<Upload>): void {
  uploads = uploads.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload));
  for (const listener of listeners) listener();
}

/** Uploads of this page, which go on whatever screen is shown. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );
}

export function stopUpload(id: number): void {
  controllers.get(id)?.abort();
}

export function dismissUpload(id: number): void {
  uploads = uploads.filter((upload) => upload.id !== id);
  for (const listener of listeners) listener();
}

/** Leaving the page would end what runs. */
window.addEventListener("beforeunload", (event) => {
  if (uploads.some(({ state }) => state === "running" || state === "waiting")) event.preventDefault();
});

/** Begins to upload images into a dataset; those that have arrived before are left out. */
export function startUpload(datasetId: string, datasetName: string, files: readonly NamedFile[], onEnd: () => void): void {
  const id = ++count;
  uploads = [...uploads, { id, datasetId, datasetName, total: files.length, done: 0, bytesDone: 0, startedMs: Date.now(), state: "running", broken: [] }];
  const controller = new AbortController();
  controllers.set(id, controller);
  run(id, datasetId, files, controller.signal)
    .then((broken) => update(id, { state: "finished", broken }))
    .catch((error: unknown) => update(id, controller.signal.aborted ? { state: "stopped" } : { state: "failed", problem: messageOf(error) }))
    .finally(() => {
      controllers.delete(id);
      onEnd();
    });
}

async function run(id: number, datasetId: string, files: readonly NamedFile[], signal: AbortSignal): Promise<string[]> {
  const journal = await Journal.open(datasetId, files);
  const missing = files.map((_, place) => place).filter((place) => !journal.has(place));
  const broken: string[] = [];
  let done = files.length - missing.length;
  let bytesDone = 0;
  let keptMs = Date.now();
  update(id, { done });
  // Whatever is away or busy is asked again, for as long as it takes.
  const insist = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        const passing = error instanceof RequestError && (error.status === 0 || error.status === 429 || (error.status >= 502 && error.status <= 504));
        if (!passing) throw error;
        update(id, { state: "waiting" });
        await new Promise((resolve) => setTimeout(resolve, pausesMs[Math.min(attempt, pausesMs.length - 1)]));
        update(id, { state: "running" });
      }
    }
  };
  try {
    for (let from = 0; from < missing.length; from += filesAtOnce) {
      const places = missing.slice(from, from + filesAtOnce);
      const ready: { place: number; file: File; name: string; width: number; height: number; thumbnail: Blob }[] = [];
      await several(places, 2, async (place) => {
        signal.throwIfAborted();
        const { file, name } = files[place]!;
        try {
          ready.push({ place, file, name, ...(await prepare(file)) });
        } catch {
          broken.push(name);
          done++;
        }
      });
      if (ready.length === 0) continue;
      ready.sort((a, b) => a.place - b.place);
      const samples = ready.map(({ name, file, width, height }) => ({ fileName: name, metaData: { shape: [height, width, 3], sizeInBytes: file.size } }));
      const { ids } = await insist(() => call(routes.createSamples, { path: { datasetId }, body: { samples, skipExisting: true }, signal }));
      await several(ready.map((one, i) => ({ ...one, sampleId: ids[i]! })), sendingAtOnce, async ({ place, file, thumbnail, sampleId }) => {
        const urls = await insist(() => call(routes.sampleWriteUrls, { path: { datasetId, sampleId }, signal }));
        await insist(() => put(urls.thumb, thumbnail, signal));
        await insist(() => put(urls.full, file, signal));
        journal.arrived(place);
        done++;
        bytesDone += file.size;
        update(id, { done, bytesDone });
        if (Date.now() - keptMs > keepEveryMs) {
          keptMs = Date.now();
          journal.keep();
        }
      });
    }
    await insist(() => tagAll(datasetId, signal));
  } catch (error) {
    journal.keep();
    throw error;
  }
  journal.forget();
  return broken.toSorted();
}

async function put(address: string, content: Blob, signal: AbortSignal): Promise<void> {
  let response: Response;
  try {
    // The path alone: a proxy may give the server another name than it knows itself by.
    const { pathname, search } = new URL(address);
    response = await fetch(`${pathname}${search}`, { method: "PUT", body: content, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new RequestError(0, "OFFLINE", "The server can't be reached.");
  }
  if (!response.ok) throw new RequestError(response.status, "", `The server refused a file with status ${response.status}: ${(await response.text()).slice(0, 300)}`);
}

/** Every sample is in a tag: the initial one, or one for what was added later. */
async function tagAll(datasetId: string, signal: AbortSignal): Promise<void> {
  const tags = await call(routes.tags, { path: { datasetId }, signal });
  if (tags.length === 0) await call(routes.createInitialTag, { path: { datasetId }, body: { imgType: "full", creator: "USER_WEBAPP" }, signal });
  else {
    const dataset = await call(routes.dataset, { path: { datasetId }, signal });
    if (tags.every(({ totSize }) => totSize >= dataset.nSamples)) return;
    await call(routes.upsizeTags, { path: { datasetId }, body: { upsizeTagName: `added ${new Date().toISOString().slice(0, 19).replace("T", " ")}`, upsizeTagCreator: "USER_WEBAPP" }, signal });
  }
}

/** Works on all of some things, a few at a time. The first that fails ends it. */
async function several<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      while (next < items.length) await work(items[next++]!);
    }),
  );
}
