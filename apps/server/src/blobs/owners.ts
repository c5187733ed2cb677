/** Which rows the files in the blob store belong to. */
import type { Database } from "../db/database.ts";
import { among } from "../db/dialect.ts";
import type { Schema } from "../db/schema.ts";
import { factsOfKey } from "./addresses.ts";

/** How many files are looked up at a time. */
const keysAtOnce = 1_000;

interface Owners {
  readonly datasets: readonly string[];
  readonly samples: readonly string[];
  readonly embeddings: readonly string[];
  readonly runs: readonly string[];
  readonly artifacts: readonly string[];
  readonly jobs: readonly string[];
}

/** The rows without which a file is of no use. Undefined: nothing of ours. */
function ownersOf(key: string): Partial<Owners> | undefined {
  const facts = factsOfKey(key);
  const dataset = /^datasets\/([a-f0-9]{24})\//.exec(key)?.[1];
  if (facts?.kind === "sample") return { datasets: [facts.datasetId], samples: [facts.sampleId] };
  if (facts?.kind === "run") return { ...(facts.datasetId !== null && { datasets: [facts.datasetId] }), runs: [facts.runId], ...(facts.artifactId !== undefined && { artifacts: [facts.artifactId] }) };
  const embedding = /^datasets\/[a-f0-9]{24}\/(?:embeddings\/([a-f0-9]{24})\.(?:csv|csv\.incoming|f32)$|analysis\/([a-f0-9]{24})\/)/.exec(key);
  if (embedding) return { datasets: [dataset!], embeddings: [(embedding[1] ?? embedding[2])!] };
  const selection = /^datasets\/[a-f0-9]{24}\/selections\/([a-f0-9]{24})\//.exec(key);
  if (selection) return { datasets: [dataset!], jobs: [selection[1]!] };
  // Columns are kept by dataset.
  return dataset !== undefined && key.startsWith(`datasets/${dataset}/columns/`) ? { datasets: [dataset] } : undefined;
}

const tables = { datasets: "datasets", samples: "samples", embeddings: "embeddings", runs: "runs", artifacts: "run_artifacts", jobs: "jobs" } as const satisfies Record<keyof Owners, keyof Schema>;
const kinds = Object.keys(tables) as (keyof Owners)[];

/** Of these files those that belong to no row (any more). @param keys at most {@link keysAtOnce} */
export async function orphansAmong(db: Database, keys: readonly string[]): Promise<string[]> {
  const owners = keys.map(ownersOf);
  const there = new Map<keyof Owners, Set<string>>();
  for (const kind of kinds) {
    const ids = [...new Set(owners.flatMap((one) => one?.[kind] ?? []))];
    const rows = ids.length === 0 ? [] : await db.selectFrom(tables[kind]).select("id").where(among(db, "id", ids)).execute();
    there.set(kind, new Set(rows.map(({ id }) => id)));
  }
  return keys.filter((_, i) => {
    const mine = owners[i];
    return mine === undefined || kinds.some((kind) => mine[kind]?.some((id) => !there.get(kind)!.has(id)));
  });
}

/** Cuts a stream into pieces that are looked up together. */
export async function* inPieces<Item>(items: AsyncIterable<Item>, size = keysAtOnce): AsyncGenerator<Item[]> {
  let piece: Item[] = [];
  for await (const item of items) {
    piece.push(item);
    if (piece.length < size) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
