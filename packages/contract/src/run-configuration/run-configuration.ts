import { dockerKeys } from "./docker-keys.ts";
import { isKey, snakeCase, type Group, type Key, type ValuesOf } from "./key.ts";
import { lightlyKeys } from "./lightly-keys.ts";
import { Reading, shown, type Problem } from "./reading.ts";
import { readSelection, type StrategySelection } from "./selection.ts";

/** A configuration as a user wrote it: three dictionaries, keys in snake_case or camelCase at every level. */
export interface WrittenConfiguration {
  readonly docker?: Readonly<Record<string, unknown>> | null;
  readonly lightly?: Readonly<Record<string, unknown>> | null;
  readonly selection?: Readonly<Record<string, unknown>> | null;
  /** Paths, as written, of whole numbers that were written as decimals: `docker.stopping_condition.n_samples` for 1.0. */
  readonly decimals?: readonly string[];
}

/** A configuration as a run reads it: every key, with its default; null is "not set". */
export interface RunConfiguration {
  readonly docker: ValuesOf<typeof dockerKeys>;
  readonly lightly: ValuesOf<typeof lightlyKeys>;
  /** Set: select by strategies, and `docker.method` and `docker.stoppingCondition` don't count. */
  readonly selection: StrategySelection | null;
  /** What the user should know about how the configuration was understood, a sentence each. */
  readonly notices: readonly string[];
}

/** A configuration that can't be used; the message names every key that is wrong, and what it may be instead. */
export class RunConfigurationError extends Error {
  override readonly name = "RunConfigurationError";

  constructor(readonly problems: readonly Problem[]) {
    super(`The run's configuration can't be used. ${problems.map(({ path, message }) => `${path}: ${message}`).join("; ")}.`);
  }
}

/** Everything wrong with a configuration, and everything worth knowing: for forms. */
export function examineRunConfiguration(written: WrittenConfiguration): { readonly problems: readonly Problem[]; readonly notices: readonly string[] } {
  const { problems, configuration } = understand(written);
  return { problems, notices: configuration.notices };
}

/**
 * Checks a configuration: keys, types, ranges, and the rules between keys.
 * @throws RunConfigurationError
 */
export function checkRunConfiguration(written: WrittenConfiguration): void {
  const { problems } = understand(written);
  if (problems.length > 0) throw new RunConfigurationError(problems);
}

/**
 * A configuration as a run reads it.
 * @throws RunConfigurationError
 * @example
 * readRunConfiguration({ docker: { stopping_condition: { n_samples: 0.1 } } }).docker.stoppingCondition.nSamples; // { share: 0.1 }
 */
export function readRunConfiguration(written: WrittenConfiguration): RunConfiguration {
  const { problems, configuration } = understand(written);
  if (problems.length > 0) throw new RunConfigurationError(problems);
  return configuration;
}

function understand(written: WrittenConfiguration): { problems: readonly Problem[]; configuration: RunConfiguration } {
  const reading = new Reading(written.decimals);
  const dockerWritten = withoutToken(reading, written.docker);
  const docker = reading.group(dockerKeys, dockerWritten, "docker", "docker", elsewhere);
  const lightly = reading.group(lightlyKeys, written.lightly, "lightly", "lightly", elsewhere);
  const selection = written.selection === undefined || written.selection === null ? null : readSelection(reading, written.selection);
  const notices: string[] = [];
  const configuration = applyRules(reading, notices, { docker, lightly, selection, notices });
  tellWithoutEffect(reading, notices);
  return { problems: reading.problems, configuration };
}

/** A token in a configuration would be stored and shown to everybody who may see the run. */
function withoutToken(reading: Reading, docker: WrittenConfiguration["docker"]): unknown {
  if (typeof docker !== "object" || docker === null || !("token" in docker)) return docker;
  const { token, ...rest } = docker;
  if (typeof token === "string" && token !== "") reading.complain("docker.token", "a token doesn't belong into a configuration; the worker is started with one");
  return rest;
}

const scorers = ["object_frequency", "objectness_least_confidence", "uncertainty_least_confidence", "uncertainty_margin", "uncertainty_entropy"] as const;
const pretaggingTask = "lightly_pretagging";

function applyRules(reading: Reading, notices: string[], read: RunConfiguration): RunConfiguration {
  const { given } = reading;
  const { lightly, selection } = read;
  let { docker } = read;
  const path = (key: string) => given.get(key) ?? key;
  const isGiven = (key: string) => given.has(key);

  if (docker.enableTraining) {
    reading.complain(path("docker.enableTraining"), "training isn't supported; leave it false, and give a trained model as docker.checkpoint or an encoder as lightly.model.name");
    if (docker.embeddings !== null) reading.complain(path("docker.embeddings"), "an embeddings file and enable_training exclude each other");
  }

  const length = docker.selectedSequenceLength;
  if (length > 1) {
    const off: string[] = [];
    for (const [key, name] of [["enableCorruptnessCheck", "enable_corruptness_check"], ["removeExactDuplicates", "remove_exact_duplicates"]] as const) {
      if (!docker[key]) continue;
      if (isGiven(`docker.${key}`)) reading.complain(path(`docker.${key}`), `must be false when sequences are selected (selected_sequence_length is ${length}): a frame that is left out would break them`);
      else off.push(name);
    }
    if (off.length > 0) {
      notices.push(`${off.join(" and ")} ${off.length > 1 ? "were" : "was"} switched off, because selected_sequence_length is ${length}.`);
      docker = { ...docker, enableCorruptnessCheck: false, removeExactDuplicates: false };
    }
    for (const [key, count] of [["docker.stoppingCondition.nSamples", docker.stoppingCondition.nSamples !== null && "count" in docker.stoppingCondition.nSamples ? docker.stoppingCondition.nSamples.count : 0], ["selection.nSamples", selection?.nSamples ?? 0]] as const) {
      if (count % length !== 0) reading.complain(path(key), `must be a multiple of selected_sequence_length (${length}), got ${count}`);
    }
  }

  const scorer = docker.scorer === null ? null : docker.scorer.replaceAll("-", "_");
  if (scorer !== null && !(scorers as readonly string[]).includes(scorer)) reading.complain(path("docker.scorer"), `must be one of ${scorers.map((one) => one.replaceAll("_", "-")).join(", ")}, or "", got ${shown(docker.scorer)}`);
  docker = { ...docker, scorer };
  if (selection === null && (docker.method === "coral" || docker.method === "active_learning")) {
    const scored = docker.activeLearning.taskName !== null || docker.embeddings !== null || (docker.pretagging && scorer !== null);
    if (!scored) reading.complain(path("docker.method"), `${docker.method} needs scores: give active_learning.task_name, an embeddings file with a column of scores, or pretagging with a scorer`);
  }

  if (!docker.pretagging) {
    const needing = [["docker.objectLevel.taskName", docker.objectLevel.taskName], ["docker.activeLearning.taskName", docker.activeLearning.taskName]] as const;
    for (const [key, task] of needing) if (task === pretaggingTask) reading.complain(path(key), `the task ${pretaggingTask} needs docker.pretagging to be true`);
    selection?.strategies.forEach(({ input }, index) => {
      if ("task" in input && input.task === pretaggingTask) reading.complain(`selection.strategies[${index}].input.task`, `the task ${pretaggingTask} needs docker.pretagging to be true`);
    });
  }

  if (selection !== null) {
    const { method, stoppingCondition } = docker;
    if (method !== "coreset") reading.complain(path("docker.method"), "and selection exclude each other; give one of them");
    if (stoppingCondition.nSamples !== null || stoppingCondition.minDistance !== null) {
      reading.complain(path(stoppingCondition.nSamples !== null ? "docker.stoppingCondition.nSamples" : "docker.stoppingCondition.minDistance"), "stopping_condition and selection exclude each other; give one of them");
    }
  } else if (docker.stoppingCondition.nSamples === null && docker.stoppingCondition.minDistance === null) {
    notices.push("Nothing limits the selection (stopping_condition): all that passes the checks is selected.");
  }

  if ((docker.datasource.inputExpiration.minDaysToExpiration === null) !== (docker.datasource.inputExpiration.handlingStrategy === null)) {
    reading.complain("docker.datasource.input_expiration", "min_days_to_expiration and handling_strategy go together; give both");
  }
  if (isGiven("lightly.collate.inputSize")) notices.push(`${path("lightly.collate.inputSize")} changes nothing: an encoder looks at images in the size that it was made for (a checkpoint, in the size that its JSON file says).`);
  if (docker.datasource.useRedirectedReadUrl) notices.push(`${path("docker.datasource.useRedirectedReadUrl")} changes nothing: addresses are asked for just before they are used, and anew when one has run out, however long a run is.`);
  if (lightly.resize !== null) notices.push(`${path("lightly.resize")} changes nothing: images stay as they are in the datasource, frames and crops are stored in their own size. docker.output_image_size resizes the copies in the output folder.`);
  return { docker, lightly, selection, notices };
}

/** Keys that were given and change nothing are named, so that nobody waits for their effect. */
function tellWithoutEffect(reading: Reading, notices: string[]): void {
  const idle = { training: [] as string[], start: [] as string[] };
  for (const { at, key } of keysBelow("docker", dockerKeys).concat(keysBelow("lightly", lightlyKeys))) {
    const path = reading.given.get(at);
    if (path !== undefined && key.use !== "works") idle[key.use].push(path);
  }
  if (idle.training.length > 0) notices.push(`Nothing is trained, so these keys change nothing: ${idle.training.join(", ")}.`);
  if (idle.start.length > 0) notices.push(`These keys count only when a worker is started for one run, and change nothing here: ${idle.start.join(", ")}.`);
}

/** All keys below a group. */
export function keysBelow(at: string, group: Group, snake = at): { readonly at: string; readonly snake: string; readonly key: Key<unknown> }[] {
  return Object.entries(group).flatMap(([name, one]) => {
    const [inside, written] = [`${at}.${name}`, `${snake}.${snakeCase(name, one)}`];
    return isKey(one) ? [{ at: inside, snake: written, key: one }] : keysBelow(inside, one, written);
  });
}

const places = new Map<string, string>();
for (const { at, snake } of [...keysBelow("docker", dockerKeys), ...keysBelow("lightly", lightlyKeys)]) {
  for (const path of [at, snake]) {
    const name = path.slice(path.lastIndexOf(".") + 1);
    if (!places.has(name)) places.set(name, snake);
  }
}

/** Where a key stands that was written in another place. */
function elsewhere(name: string): string | undefined {
  return places.get(name);
}
