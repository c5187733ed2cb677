/** Every key of a run's configuration is shown to work by a test, or is named in a notice when it is given: nothing is accepted in silence. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { examineRunConfiguration, runConfigurationCatalogue } from "@winnow/contract";
import { expect, test } from "vitest";
import { root } from "./program.ts";

type Shown = readonly [file: string, title: string];

const configuration = "e2e/worker-configuration.test.ts";
const keys = "e2e/worker-keys.test.ts";
const files = "apps/worker/src/files/source-files.test.ts";
const videos = "e2e/worker-videos.test.ts";
const contract = "packages/contract/src/run-configuration/run-configuration.test.ts";
const scored: Shown = [configuration, "active learning takes what the model is least sure of"];
const strategies: Shown = [configuration, "strategies: thresholds, weights"];
const many: Shown = [configuration, "relevant file names, shares, dumps"];
const fromFile: Shown = [configuration, "an embeddings file takes the model's place"];
const pretagged: Shown = [configuration, "pretagging finds objects"];
const models: Shown = [keys, "a model file, the one of an earlier run"];
const detections: Shown = [keys, "detections that images need"];
const crops: Shown = [keys, "where crops go, and whether"];
const counts: Shown = [keys, "what counts as selected"];
const how: Shown = [keys, "how much works at a time"];
/** What it does is to say that it does nothing. */
const idle: Shown = [contract, "keys that are read and change nothing are named"];
const expiring: Shown = [files, "ABORT ends the run, for videos too"];

/** Key, and the test that fails when it stops doing what it is for. */
const shown: Readonly<Record<string, Shown>> = {
  "docker.active_learning.score_name": scored,
  "docker.active_learning.task_name": scored,
  "docker.active_learning_score_column_name": fromFile,
  "docker.append_weak_labels": many,
  "docker.cache_size": [files, "a cache of %s bytes"],
  "docker.checkpoint": models,
  "docker.checkpoint_run_id": models,
  "docker.corruptness_check.corruption_threshold": how,
  "docker.crops.enable_upload": crops,
  "docker.crops.enable_upload_for_tasks": crops,
  "docker.datapool.dataset_id": counts,
  "docker.datapool.keep_history": counts,
  "docker.datapool.name": [configuration, "a local pool counts as chosen"],
  "docker.datasource.bypass_verify": [keys, "bypass_verify: the datasource isn't tried"],
  "docker.datasource.enable_datapool_update": many,
  "docker.datasource.input_expiration.handling_strategy": expiring,
  "docker.datasource.input_expiration.min_days_to_expiration": expiring,
  "docker.datasource.process_all": many,
  "docker.datasource.use_frame_count_metadata": [files, "the number of frames that a container states"],
  "docker.datasource.use_redirected_read_url": idle,
  "docker.dump_dataset": many,
  "docker.dump_sampled_embeddings": how,
  "docker.embeddings": fromFile,
  "docker.enable_corruptness_check": how,
  "docker.enable_training": [contract, "training is refused"],
  "docker.memory_requirement_in_GB": ["apps/worker/src/report/distances.test.ts", "compares a random part where memory is capped"],
  "docker.method": scored,
  "docker.n_example_images": how,
  "docker.normalize_embeddings": fromFile,
  "docker.num_processes": how,
  "docker.num_threads": how,
  "docker.object_level.crop_dataset_name": crops,
  "docker.object_level.padding": [videos, "objects are cut out, selected"],
  "docker.object_level.task_name": [videos, "objects are cut out, selected"],
  "docker.output_image_format": many,
  "docker.output_image_size": many,
  "docker.pretagging": pretagged,
  "docker.pretagging_config": detections,
  "docker.pretagging_debug": pretagged,
  "docker.pretagging_upload": pretagged,
  "docker.relevant_filenames_file": many,
  "docker.remove_exact_duplicates": counts,
  "docker.run_directory": many,
  "docker.scorer": pretagged,
  "docker.scorer_config.frequency_penalty": detections,
  "docker.scorer_config.min_score": detections,
  "docker.selected_sequence_length": [videos, "sequences of frames that follow one another"],
  "docker.show_video_sampling_timeline": how,
  "docker.shutdown_when_job_finished": ["e2e/worker-program.test.ts", "a server with a worker does what is scheduled"],
  "docker.stopping_condition.min_distance": counts,
  "docker.stopping_condition.n_samples": many,
  "docker.upload_report": many,
  "docker.use_datapool": counts,
  "lightly.collate.input_size": idle,
  "lightly.loader.batch_size": how,
  "lightly.loader.num_workers": how,
  "lightly.model.name": models,
  "lightly.resize": idle,
  "lightly.seed": how,
  "selection.n_samples": strategies,
  "selection.proportion_samples": strategies,
};

/** Where a test is about the thing and not the key: how the thing is called there. */
const called: Readonly<Record<string, string>> = { active_learning_score_column_name: "al_score", memory_requirement_in_GB: "memoryInGB", cache_size: "cacheSize", use_frame_count_metadata: "trustsFrameCount", handling_strategy: "handlingStrategy", min_days_to_expiration: "minDaysToExpiration" };

const working = runConfigurationCatalogue.filter(({ use }) => use === "works");

test("every key that works has a test, and no test is for a key that isn't there", () => {
  expect(Object.keys(shown).sort()).toEqual(working.map(({ dictionary, path }) => `${dictionary}.${path}`).sort());
});

test.each(Object.keys(shown))("%s is in the test that is to show it", async (key) => {
  const [file, title] = shown[key]!;
  const text = await readFile(join(root, file), "utf8");
  const from = text.indexOf(`("${title}`);
  expect(from, `${file} has no test "${title}…"`).toBeGreaterThan(0);
  const end = /\n {0,2}(?:test|it)(?:\.each)?\(/.exec(text.slice(from));
  const body = text.slice(from, end === null ? undefined : from + end.index);
  const name = key.slice(key.lastIndexOf(".") + 1);
  expect(body, `${file}, "${title}…"`).toMatch(new RegExp(`\\b${called[name] ?? name}\\b`));
});

test("every other key is named in a notice when it is given", () => {
  for (const { dictionary, path, default: written, use } of runConfigurationCatalogue) {
    if (use === "works") continue;
    const given = path.split(".").reduceRight<unknown>((value, name) => ({ [name]: value }), written === null || written === "" ? undefined : written);
    if (JSON.stringify(given).includes(":{}") || JSON.stringify(given) === "{}") continue;
    const { problems, notices } = examineRunConfiguration({ [dictionary]: given });
    expect(problems, path).toEqual([]);
    expect(notices.join("\n"), path).toContain(`${dictionary}.${path}`);
  }
  // Those whose default is nothing.
  const { notices } = examineRunConfiguration({ docker: { datasource: { dataset_id: "0123456789abcdef01234567" }, worker: { worker_id: "0123456789abcdef01234567" }, training: { task_name: "cars" } }, lightly: { checkpoint_callback: { dirpath: "models" }, collate: { rr_degrees: [-90, 90] } } });
  for (const key of ["docker.datasource.dataset_id", "docker.worker.worker_id", "docker.training.task_name", "lightly.checkpoint_callback.dirpath", "lightly.collate.rr_degrees"]) expect(notices.join("\n")).toContain(key);
});
