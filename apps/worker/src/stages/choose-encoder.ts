import { createWriteStream } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError, domains } from "@winnow/client";
import type { RunConfiguration } from "@winnow/contract";
import { type Encoder, type LoadEncoderOptions, encoderChoice, loadEncoder } from "@winnow/embedding";
import { staysBelow } from "@winnow/formats";
import { FileUnreadable, type SourceFiles } from "../files/source-files.ts";
import { type RunContext, RunFailure } from "../run/context.ts";
import { type InputTable, readInputTable } from "./input-table.ts";

export interface ChosenEncoder {
  readonly encoder: Encoder | InputTable;
  /** Name of the vector space, for people. */
  readonly name: string;
  readonly dimensions: number;
  /** What the dataset's embedding is called; another space has another name. */
  readonly embeddingName: string;
  /** Whether the mean is taken away before distances are measured: vectors of models lie in a narrow cone. */
  readonly centre: boolean;
  /** Files of the model, where it came from the user. */
  readonly modelFiles: readonly string[];
  readonly notices: readonly string[];
}

/** Loads what turns pictures into vectors: an embeddings file, a model file, or an encoder by name. @throws RunFailure */
export async function chooseEncoder(context: RunContext, files: SourceFiles, { docker, lightly }: RunConfiguration): Promise<ChosenEncoder> {
  const threads = docker.numThreads === null ? {} : { threads: Math.max(1, docker.numThreads) };
  if (docker.embeddings !== null) {
    const path = await sharedFile(context, files, docker.embeddings, "embeddings");
    const table = await readInputTable(path, docker.embeddings, docker.activeLearningScoreColumnName, context.signal);
    return { encoder: table, name: `the file ${docker.embeddings}`, dimensions: table.width, embeddingName: "default", centre: false, modelFiles: [], notices: [] };
  }
  const { name } = lightly.model;
  if (docker.checkpoint !== null || docker.checkpointRunId !== null) {
    const path = docker.checkpoint !== null ? await sharedFile(context, files, docker.checkpoint, "checkpoint") : await checkpointOf(context, docker.checkpointRunId!);
    if (!/\.onnx$/i.test(path)) throw new RunFailure(`The checkpoint ${docker.checkpoint} is no ONNX file. Export the model as .onnx, with a description of its input beside it (see the encoders' documentation).`);
    const encoder = await loaded(path, threads);
    return { encoder, name: encoder.name, dimensions: encoder.dimensions, embeddingName: `default-${spaceName(encoder.name)}`, centre: true, modelFiles: [path, path.replace(/\.onnx$/i, ".json")], notices: [] };
  }
  const choice = encoderChoice(name ?? "default").name;
  const notices: string[] = [];
  const encoder = await loaded(name ?? "default", { ...threads, onNotice: (notice) => notices.push(`model.name: ${notice}.`) });
  const builtIn = choice === "default" || choice === "mobilenetv2-openimages";
  return { encoder, name: encoder.name, dimensions: encoder.dimensions, embeddingName: builtIn ? "default" : `default-${spaceName(encoder.name)}`, centre: true, modelFiles: [], notices };
}

async function loaded(name: string, options: LoadEncoderOptions): Promise<Encoder> {
  try {
    return await loadEncoder(name, options);
  } catch (error) {
    throw new RunFailure(`The encoder can't be used: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function spaceName(encoder: string): string {
  return encoder.replace(/[^a-zA-Z0-9.-]+/g, "-").slice(0, 100);
}

/**
 * A file that the configuration names: in the worker's shared folder, else below `.lightly/embeddings/` or `.lightly/checkpoints/`
 * of the datasource, from where it is copied.
 * @throws RunFailure saying where it was looked for
 */
export async function sharedFile(context: RunContext, files: SourceFiles, name: string, key: string): Promise<string> {
  const path = context.shared === undefined ? undefined : await pathBelow(context.shared, name, key);
  if (path !== undefined) return path;
  const inSource = `.lightly/${key === "embeddings" ? "embeddings" : "checkpoints"}/${name}`;
  const folder = join(context.folder, "shared");
  await mkdir(folder, { recursive: true });
  const target = join(folder, basename(name));
  try {
    await files.download(inSource, target);
    if (/\.onnx$/i.test(name)) await files.download(inSource.replace(/\.onnx$/i, ".json"), target.replace(/\.onnx$/i, ".json"));
    return target;
  } catch (error) {
    if (!(error instanceof FileUnreadable)) throw error;
    const where = context.shared === undefined ? "the worker has no shared folder (start it with --shared DIR)" : "it is not in the worker's shared folder";
    throw new RunFailure(`${key}: there is no file ${name}: ${where}, nor is it in the datasource as ${inSource}.`);
  }
}

/** A path inside a folder, links resolved; undefined when there is nothing. */
export async function pathBelow(folder: string, name: string, key: string): Promise<string | undefined> {
  if (!staysBelow(name)) throw new RunFailure(`${key} must be a path inside the shared folder, got ${JSON.stringify(name)}.`);
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return undefined;
  const path = await realpath(join(root, name)).catch(() => undefined);
  if (path === undefined) return undefined;
  if (!path.startsWith(root + sep)) throw new RunFailure(`${key}: ${name} leads out of the worker's shared folder.`);
  return path;
}

/** The model that an earlier run has kept: an ONNX file with its description. */
async function checkpointOf({ client, folder, signal }: RunContext, runId: string): Promise<string> {
  const run = await client.call(domains.workers.getDockerRunById, { path: { runId }, signal }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status < 500) throw new RunFailure(`checkpoint_run_id: there is no run ${runId} that you may see.`);
    throw error;
  });
  const target = join(folder, "checkpoint");
  await mkdir(target, { recursive: true });
  let model: string | undefined;
  for (const { id: artifactId, type, fileName } of run.artifacts ?? []) {
    if (type !== "CHECKPOINT") continue;
    const url = await client.call(domains.workers.getDockerRunArtifactReadUrlById, { path: { runId, artifactId }, signal });
    const response = await fetch(url, { signal });
    if (!response.ok) throw new RunFailure(`The checkpoint of the run ${runId} can't be read: the server answers ${response.status}.`);
    const path = join(target, basename(fileName));
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(path), { signal });
    if (/\.onnx$/i.test(path)) model = path;
  }
  if (model === undefined) throw new RunFailure(`The run ${runId} has kept no checkpoint. Runs keep the model that \`checkpoint\` gave them; name one of those, or give \`checkpoint\` itself.`);
  return model;
}
