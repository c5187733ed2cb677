/** From the arguments of a lightly command to command lines of ours. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Problem, UsageError } from "../problems.ts";
import type { Configuration } from "./arguments.ts";

/** Command lines that do what was asked for, one after the other. */
export interface Translation {
  readonly lines: readonly (readonly string[])[];
  /** What the user should know. */
  readonly notes?: readonly string[];
  /** Folder that must be there. */
  readonly folder?: string;
}

/** @param now for the folder of outputs, as local time */
type Translate = (configuration: Configuration, now: Date) => Translation;

const WORKERS_MIN = 8;
const WORKERS_MAX = 32;

function required(configuration: Configuration, ...keys: string[]): string[] {
  const missing = keys.filter((key) => configuration.text(key) === "");
  if (missing.length > 0) throw new UsageError(`Give ${missing.map((key) => `${key}=…`).join(" and ")}.`);
  return keys.map((key) => configuration.text(key));
}

function flags(pairs: Readonly<Record<string, string | number | boolean | undefined>>): string[] {
  return Object.entries(pairs).flatMap(([name, value]) => (value === undefined || value === false || value === "" ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)]));
}

/** The dataset that is meant. @throws UsageError unless it is said in one way */
function datasetOf(configuration: Configuration): string {
  const [id, name] = [configuration.text("dataset_id"), configuration.text("new_dataset_name")];
  if (id !== "" && name !== "") throw new UsageError("Give either dataset_id or new_dataset_name, not both.");
  if (id === "" && name === "") throw new UsageError("Give dataset_id=… of an existing dataset, or new_dataset_name=… to make one.");
  return id === "" ? name : requiredId(id);
}

function requiredId(id: string): string {
  if (!/^[0-9a-f]{24}$/.test(id)) throw new UsageError(`dataset_id must be 24 hexadecimal digits, not ${JSON.stringify(id)}. winnow datasets ls lists the ids; new_dataset_name takes names.`);
  return id;
}

/** Where lists and embeddings went: a folder for each run. */
function runFolder(configuration: Configuration, now: Date): string {
  const given = configuration.text("hydra.run.dir");
  if (given !== "") return given;
  const two = (value: number) => String(value).padStart(2, "0");
  return join("lightly_outputs", `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`, [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("-"));
}

function parallel(configuration: Configuration): number | undefined {
  if (!configuration.given.has("loader.num_workers")) return undefined;
  const wanted = configuration.number("loader.num_workers");
  return wanted < 0 ? Math.min(WORKERS_MAX, Math.max(WORKERS_MIN, availableParallelism())) : Math.min(64, Math.max(1, Math.round(wanted)));
}

function modeOf(configuration: Configuration): string {
  const mode = configuration.text("upload");
  if (mode === "none") return "metadata";
  if (!["full", "thumbnails", "metadata"].includes(mode)) throw new UsageError(`upload must be full, thumbnails, metadata or none, not ${JSON.stringify(mode)}.`);
  return mode;
}

function sizeOf(configuration: Configuration): string | undefined {
  const size = configuration.value("resize");
  if (Array.isArray(size)) return size.join("x");
  return (size as number) > 0 ? String(size) : undefined;
}

const upload: Translate = (configuration) => {
  const dataset = datasetOf(configuration);
  const [input, embeddings, metadata] = ["input_dir", "embeddings", "custom_metadata"].map((key) => configuration.text(key));
  const isNew = !configuration.flag("append");
  const name = configuration.given.has("embedding_name") ? configuration.text("embedding_name") : undefined;
  if (input !== "") {
    return { lines: [["upload", input!, ...flags({ dataset, mode: modeOf(configuration) === "full" ? undefined : modeOf(configuration), new: isNew, resize: sizeOf(configuration), embeddings, "embedding-name": embeddings === "" ? undefined : name, metadata, parallel: parallel(configuration) })]] };
  }
  const lines = [
    ...(embeddings === "" ? [] : [["import", "embeddings", embeddings!, ...flags({ dataset, name, new: isNew })]]),
    ...(metadata === "" ? [] : [["import", "metadata", metadata!, ...flags({ dataset })]]),
  ];
  if (lines.length === 0) {
    if (configuration.text("new_dataset_name") !== "") return { lines: [["datasets", "create", dataset]] };
    throw new UsageError("Give what is to be uploaded: input_dir=…, embeddings=… or custom_metadata=…");
  }
  return { lines };
};

const download: Translate = (configuration, now) => {
  const [dataset, tag] = required(configuration, "dataset_id", "tag_name");
  const [input, output] = [configuration.text("input_dir"), configuration.text("output_dir")];
  if (input !== "" && output === "") throw new UsageError("Give output_dir=…: the folder that the files are copied to.");
  const folder = runFolder(configuration, now);
  // Tags can't have slashes in their names; whatever is asked for, the list lands in the folder.
  const list = join(folder, `${tag!.replaceAll(/[/\\]/g, "_")}.txt`);
  return { folder, lines: [["download", ...flags({ dataset: requiredId(dataset!), tag, "exclude-parent-tag": configuration.flag("exclude_parent_tag"), out: list, "copy-from": input, images: output })]] };
};

const embed: Translate = (configuration, now) => {
  const [input] = required(configuration, "input_dir");
  const folder = runFolder(configuration, now);
  return { folder, lines: [["embed", input!, ...flags({ out: join(folder, "embeddings.csv"), model: configuration.text("checkpoint") })]] };
};

const crop: Translate = (configuration) => {
  const [input, labels, output] = required(configuration, "input_dir", "label_dir", "output_dir");
  return { lines: [["crop", input!, labels!, output!, ...flags({ padding: configuration.given.has("crop_padding") ? configuration.number("crop_padding") : undefined, names: configuration.text("label_names_file") })]] };
};

const magic: Translate = (configuration, now) => {
  const { folder, lines } = embed(configuration, now);
  const notes = configuration.number("trainer.max_epochs") > 0 ? ["nothing is trained here: the images are embedded with an encoder that is trained already (trainer.max_epochs=0 says that this is meant)"] : [];
  if (configuration.text("dataset_id") === "" && configuration.text("new_dataset_name") === "") {
    return { folder: folder!, lines, notes: [...notes, "nothing is uploaded without dataset_id=… or new_dataset_name=…"] };
  }
  const sent = { ...configuration, text: (key: string) => (key === "embeddings" ? join(folder!, "embeddings.csv") : configuration.text(key)) };
  return { folder: folder!, lines: [...lines, ...upload(sent, now).lines], notes };
};

const train: Translate = () => {
  throw new Problem(
    "Winnow doesn't train models. Its built-in encoder is trained already and takes images as they are: winnow embed PATH --out embeddings.csv. Stronger ones come by name (--model dinov2-small), and a model that you trained elsewhere as an .onnx file (--model FILE.onnx).",
  );
};

const serve: Translate = (configuration) => {
  const [folder] = required(configuration, "input_mount");
  const notes = configuration.text("lightly_mount") === "" ? [] : ["winnow serve serves one folder: a second one, for thumbnails and predictions, is served by a second command with --writable and another --port"];
  return { lines: [["serve", folder!, ...flags({ host: configuration.given.has("host") ? configuration.text("host") : undefined, port: configuration.given.has("port") ? configuration.number("port") : undefined })]], notes };
};

const worker: Translate = (configuration) => ({
  lines: [["worker", ...flags({ id: configuration.text("worker.worker_id"), "waits-for-others": !configuration.flag("worker.force_start"), "sanity-check": configuration.flag("sanity_check") })]],
});

const version: Translate = () => ({ lines: [["version"]] });

export const TRANSLATIONS = { upload, download, embed, train, crop, magic, serve, worker, version } as const satisfies Readonly<Record<string, Translate>>;
