import { createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { once } from "node:events";
import type { MetadataEntry, PredictionTask, Singleton } from "@winnow/formats";
import type { RunFacts } from "../report/facts.ts";
import type { Item } from "../stages/item.ts";

/** What a run is going to do, and all that its report is made from. Whoever has it can finish the run. */
export interface Plan {
  readonly version: 1;
  /** False: nothing is written to the dataset. */
  readonly updates: boolean;
  readonly uploads: readonly PlannedUpload[];
  readonly dimensions: number;
  readonly tagName: string;
  /** Seconds since the epoch; null: stays as it is. */
  readonly processedUntil: number | null;
  /** Version under which predictions are stored; null without predictions. */
  readonly predictionVersion: number | null;
  /** Tasks whose predictions are stored. */
  readonly tasks: readonly PredictionTask[];
  /** What metadata the datasource has; null: none. */
  readonly entries: readonly MetadataEntry[] | null;
  /** What the detector said of the picks, as files of predictions have it, by file name. */
  readonly detections: readonly { readonly fileName: string; readonly singletons: readonly Singleton[] }[];
  /** Whether sequences were selected. */
  readonly sequences: readonly (readonly string[])[];
  readonly facts: RunFacts;
}

/** What is added to one dataset. */
export interface PlannedUpload {
  /** The run's own dataset, or that of the objects cut out. */
  readonly kind: "images" | "crops";
  /** Name of the dataset of crops. */
  readonly datasetName: string | null;
  /** In the order in which they are registered. */
  readonly picks: readonly Item[];
  /** Samples that the dataset had without a vector; theirs are among the plan's, after those of the picks. */
  readonly completed: readonly string[];
  /** Embedding of the dataset that is continued, and the name of the new one. */
  readonly embedding: { readonly before: string | null; readonly name: string };
}

/** A plan with its vectors: for each upload one row per pick and then per completed sample. */
export interface PlanWithVectors {
  readonly plan: Plan;
  readonly vectors: Float32Array;
}

/** One line of JSON, padded to a multiple of four bytes, and the vectors behind it: little endian float32. */
export async function writePlan(path: string, { plan, vectors }: PlanWithVectors): Promise<{ path: string; size: number }> {
  const text = JSON.stringify(plan, packed);
  const length = Buffer.byteLength(text) + 1;
  const out = createWriteStream(path);
  const failed = once(out, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  out.write(`${text}${" ".repeat((4 - (length % 4)) % 4)}\n`);
  const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  for (let at = 0; at < bytes.length; at += 1 << 22) if (!out.write(bytes.subarray(at, at + (1 << 22)))) await Promise.race([once(out, "drain"), failed]);
  out.end();
  await Promise.race([once(out, "close"), failed]);
  return { path, size: (await stat(path)).size };
}

/** @throws Error when the file isn't a plan of this form */
export async function readPlan(path: string): Promise<PlanWithVectors> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const chunks: Buffer[] = [];
    let end = -1;
    let at = 0;
    while (end === -1 && at < size) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1 << 20), 0, 1 << 20, at);
      const chunk = buffer.subarray(0, bytesRead);
      const found = chunk.indexOf(10);
      if (found !== -1) end = at + found;
      chunks.push(found === -1 ? chunk : chunk.subarray(0, found));
      at += bytesRead;
    }
    if (end === -1) throw new Error("the plan of the run is cut off");
    const plan = JSON.parse(Buffer.concat(chunks).toString("utf8"), unpacked) as Plan;
    if (plan.version !== 1) throw new Error(`the plan of the run has version ${String(plan.version)}; 1 is understood`);
    const rows = plan.uploads.reduce((sum, { picks, completed }) => sum + picks.length + completed.length, 0);
    const vectors = new Float32Array(rows * plan.dimensions);
    const bytes = new Uint8Array(vectors.buffer);
    if (size - end - 1 !== bytes.length) throw new Error("the plan of the run is cut off");
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, 1 << 26), end + 1 + done);
      if (bytesRead === 0) throw new Error("the plan of the run is cut off");
      done += bytesRead;
    }
    return { plan, vectors };
  } finally {
    await file.close();
  }
}

const TYPES = { Uint8Array, Uint32Array, Float32Array, Float64Array } as const;

/** Typed arrays as text, which keeps NaN and every bit. */
function packed(this: unknown, _: string, value: unknown): unknown {
  // Buffers turn themselves into something else before they come here.
  if (typeof value === "object" && value !== null && "type" in value && value.type === "Buffer" && "data" in value && Array.isArray(value.data)) return { $: "Uint8Array", b: Buffer.from(value.data as number[]).toString("base64") };
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return value;
  const name = Object.entries(TYPES).find(([, type]) => value instanceof type)?.[0];
  return { $: name, b: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
}

function unpacked(this: unknown, _: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$" in value) || !("b" in value)) return value;
  const bytes = Buffer.from(value.b as string, "base64");
  const { buffer } = Uint8Array.from(bytes);
  return new TYPES[value.$ as keyof typeof TYPES](buffer);
}
