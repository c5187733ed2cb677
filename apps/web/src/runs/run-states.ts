import type { DockerRunData, DockerRunScheduledData } from "@winnow/contract";

type RunState = DockerRunData["state"];

/** How a state is called, and what colour it has. */
export interface StateLook {
  readonly label: string;
  readonly colour: "gray" | "blue" | "leaf" | "red" | "orange";
}

const looks: Readonly<Record<RunState, string>> = {
  STARTED: "Started",
  INITIALIZING: "Listing the input",
  LOADING_DATASET: "Loading the dataset",
  LOADING_METADATA: "Loading metadata",
  LOADING_PREDICTION: "Loading predictions",
  CHECKING_CORRUPTNESS: "Checking the files",
  INITIALIZING_OBJECT_CROPS: "Preparing crops",
  TRAINING: "Training",
  PRETAGGING: "Detecting objects",
  COMPUTING_METADATA: "Measuring the images",
  EMBEDDING: "Embedding",
  EMBEDDING_OBJECT_CROPS: "Embedding crops",
  EMBEDDING_FULL_IMAGES: "Embedding images",
  COMPUTING_ACTIVE_LEARNING_SCORES: "Computing scores",
  SAMPLING: "Selecting",
  SAVING_RESULTS: "Saving results",
  UPLOADING_DATASET: "Uploading to the dataset",
  GENERATING_REPORT: "Writing the report",
  UPLOADING_REPORT: "Uploading the report",
  UPLOADED_REPORT: "Report uploaded",
  UPLOADING_ARTIFACTS: "Uploading files",
  UPLOADED_ARTIFACTS: "Files uploaded",
  COMPLETED: "Completed",
  FAILED: "Failed",
  ABORTED: "Aborted",
  CRASHED: "Crashed",
};

const ended: readonly RunState[] = ["COMPLETED", "FAILED", "ABORTED", "CRASHED"];

/** Whether nothing more happens to a run. */
export function hasEnded(state: RunState): boolean {
  return ended.includes(state);
}

export function lookOf(state: RunState): StateLook {
  const colour = state === "COMPLETED" ? "leaf" : state === "FAILED" || state === "CRASHED" ? "red" : state === "ABORTED" ? "orange" : "blue";
  return { label: looks[state], colour };
}

/** A scheduled run, the run that a worker made of it, or both. */
export interface RunRow {
  readonly id: string;
  readonly scheduled: DockerRunScheduledData | undefined;
  readonly run: DockerRunData | undefined;
  readonly createdAt: number;
}

/** Scheduled runs with their runs, and runs that were never scheduled; newest first. */
export function runRows(scheduled: readonly DockerRunScheduledData[], runs: readonly DockerRunData[]): RunRow[] {
  const known = new Map(scheduled.map((one) => [one.id, one]));
  const newest = new Map<string, DockerRunData>();
  for (const run of runs) {
    if (run.scheduledId === undefined || !known.has(run.scheduledId)) continue;
    const other = newest.get(run.scheduledId);
    if (!other || run.createdAt > other.createdAt) newest.set(run.scheduledId, run);
  }
  return [
    ...scheduled.map((one) => ({ id: one.id, scheduled: one, run: newest.get(one.id), createdAt: one.createdAt })),
    ...runs.filter(({ scheduledId }) => scheduledId === undefined || !known.has(scheduledId)).map((run) => ({ id: run.id, scheduled: undefined, run, createdAt: run.createdAt })),
  ].toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}

/** How a row is doing, in one word and one sentence. */
export function situation({ scheduled, run }: RunRow, workers: number | undefined): StateLook & { readonly text: string; readonly active: boolean } {
  if (run) return { ...lookOf(run.state), text: run.message ?? "", active: !hasEnded(run.state) };
  switch (scheduled?.state) {
    case "CANCELED":
      return { label: "Canceled", colour: "gray", text: "It was canceled before a worker took it.", active: false };
    case "DONE":
      return { label: "Done", colour: "gray", text: "", active: false };
    case "LOCKED":
      return { label: "Taken", colour: "blue", text: "A worker has taken it and begins.", active: true };
    default:
      return { label: "Waiting", colour: "gray", text: workers === 0 ? "No worker is running. Start one (see Workers)." : "Waits for a worker.", active: true };
  }
}

export interface Stage {
  readonly state: RunState;
  readonly label: string;
  readonly since: number;
  /** Milliseconds until the next one, or until now. */
  readonly tookMs: number | undefined;
  readonly messages: readonly { readonly ts: number | undefined; readonly text: string }[];
}

/** What a run has told, by stage; messages of the same state that follow one another are one stage. */
export function stagesOf(run: DockerRunData, now: number): Stage[] {
  const stages: { state: RunState; since: number; until?: number; messages: { ts: number | undefined; text: string }[] }[] = [];
  for (const { ts, state, log } of run.messages ?? []) {
    const last = stages.at(-1);
    const at = ts ?? last?.since ?? run.createdAt;
    const message = log === undefined || log === "" ? [] : [{ ts, text: log }];
    if (last && (state === undefined || state === last.state)) last.messages.push(...message);
    else {
      if (last) last.until = at;
      stages.push({ state: state ?? run.state, since: at, messages: message });
    }
  }
  return stages.map(({ state, since, until, messages }) => ({ state, label: looks[state], since, messages, tookMs: until !== undefined ? until - since : hasEnded(state) ? undefined : Math.max(0, now - since) }));
}
