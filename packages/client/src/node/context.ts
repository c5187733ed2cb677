import type { Operation } from "@winnow/contract";
import type { EmbeddingMembers } from "../embeddings.ts";
import type { WinnowWarning } from "../errors.ts";
import type { Transport } from "../transport.ts";
import type { WorkerMembers } from "../workers.ts";

/** What a member that works on files gets from the client it belongs to. */
export interface Context<Client> {
  readonly client: Client;
  readonly transport: Transport;
  readonly datasetId: string;
  readonly signal?: AbortSignal | undefined;
}

export type EmbeddingsContext = Context<EmbeddingMembers>;

export interface ImagesContext extends Context<WorkerMembers> {
  readonly warn: (warning: WinnowWarning) => void;
}

export interface UploadContext extends ImagesContext {
  readonly offers: (operation: Operation) => Promise<boolean>;
  readonly sampleIdsByFilename: () => Promise<Map<string, string>>;
}
