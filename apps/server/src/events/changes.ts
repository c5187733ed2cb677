import type { ChangeData } from "@winnow/contract";

/** Tells whoever listens what has changed. Changes that come one after the other are told once. */
export class Changes {
  readonly #listeners = new Set<(change: ChangeData | undefined) => void>();

  /** @param relay takes changes as text to all servers of the database, this one included; each of them hears it. Default: there is only this one. */
  constructor(readonly relay?: (text: string) => void) {}

  publish(change: ChangeData): void {
    if (this.relay) this.relay(JSON.stringify(change));
    else this.#tell(change);
  }

  /** What one of the servers has relayed. */
  hear(text: string): ChangeData {
    const change = JSON.parse(text) as ChangeData;
    this.#tell(change);
    return change;
  }

  /** @param listener hears of every change, and `undefined` when there will be no more @returns ends the listening */
  listen(listener: (change: ChangeData | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(change: ChangeData): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** No more changes: who listens lets go. */
  close(): void {
    for (const listener of this.#listeners) listener(undefined);
    this.#listeners.clear();
  }
}

/** Workers say every few seconds that they are there, what they do and how far they are. Who looks at that asks by itself. */
const isChatter = (path: string) => /^\/v1\/docker\/(worker\/\{workerId\}|runs\/\{runId\}\/(progress|logs))$/.test(path);

/** What a request changed, by its path; undefined: nothing that is listed anywhere. */
export function changeBy(path: string, parameters: Readonly<Record<string, string>>): ChangeData | undefined {
  const { datasetId } = parameters;
  // Runs are beside their dataset: what is in it changes when they register something.
  if (path.split("/").includes("docker")) return isChatter(path) ? undefined : { topic: "docker" };
  if (datasetId !== undefined) return { datasetId, topic: path.split("/")[4] ?? "datasets" };
  const topic = path.split("/")[2];
  return topic === undefined ? undefined : { topic };
}
