/** What the threads that work beside the server are asked, and what they say while they work. */
import type { MessagePort } from "node:worker_threads";
import type { Stores } from "../db/stores.ts";
import type { NearestTask } from "../neighbours/nearest.ts";

export type Task =
  | { readonly kind: "job"; readonly type: string; readonly jobId: string; readonly payload: unknown }
  | { readonly kind: "ingest"; readonly datasetId: string; readonly embeddingId: string; readonly samples: number }
  | { readonly kind: "columns"; readonly datasetId: string }
  | { readonly kind: "predictionColumns"; readonly datasetId: string; readonly samples: number; readonly number: number }
  | ({ readonly kind: "nearest" } & NearestTask);

export interface Assignment {
  readonly stores: Stores;
  readonly task: Task;
  /** Progress out, `cancel` in. */
  readonly port: MessagePort;
}

export interface Progress {
  readonly processed: number;
  readonly total: number;
}

/** How a task ended: errors that are the client's to hear travel as data. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string | null; readonly message: string; readonly ended: boolean };

/** What a thread says when it begins to load what it needs, and when it has. */
export interface Loading {
  readonly threadId: number;
  readonly isLoading: boolean;
}
