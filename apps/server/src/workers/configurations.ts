import { checkRunConfiguration, examineRunConfiguration, RunConfigurationError, wholeDecimals, type DockerWorkerConfigCreateRequest, type RunConfigurationReview, type WrittenConfiguration } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import { jsonArray, JsonText, StreamedJson } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { writeJson } from "../app/json-body.ts";
import { requireStorable } from "../app/storable.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { RunConfigurationTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";
import { roleInDataset } from "./access.ts";
import * as store from "./configuration-store.ts";

type Config = DockerWorkerConfigCreateRequest["config"];

const known = new Set(["workerType", "docker", "lightly", "selection"]);
/** A configuration is written by people. */
const charactersMax = 1_000_000;
const pageSize = 500;

/** Checks a configuration and makes the text that is kept of it. `decimals`: paths below the body. @throws DomainError BAD_REQUEST naming every key that is wrong */
function checked(config: Config, decimals: readonly string[]): string {
  const inside = below(decimals);
  for (const name of Object.keys(config)) {
    if (!known.has(name)) throw new DomainError("BAD_REQUEST", `"config.${name.slice(0, 100)}" is unknown: a configuration has workerType, docker, lightly and selection.`);
  }
  try {
    checkRunConfiguration(written(config, inside));
  } catch (error) {
    if (error instanceof RunConfigurationError) throw new DomainError("BAD_REQUEST", error.message);
    throw error;
  }
  const text = writeJson(config, inside);
  if (text.length > charactersMax) throw new DomainError("PAYLOAD_TOO_LARGE", `A configuration has at most ${charactersMax} characters, got ${text.length}.`);
  requireStorable("config", text);
  return text;
}

/** Paths below `config` of paths below the body. */
function below(decimals: readonly string[]): string[] {
  return decimals.filter((path) => path.startsWith("config.")).map((path) => path.slice("config.".length));
}

function written({ docker, lightly, selection }: Config, decimals: readonly string[]): WrittenConfiguration {
  return { docker: docker ?? null, lightly: lightly ?? null, selection: selection ?? null, decimals };
}

/** A stored configuration, to be read by the contract's rules. */
export function writtenConfiguration({ config }: RunConfigurationTable): WrittenConfiguration {
  return written(JSON.parse(config) as Config, wholeDecimals(config));
}

export async function createConfiguration({ db }: Context, user: User, { config, creator }: DockerWorkerConfigCreateRequest, decimals: readonly string[]): Promise<{ id: string }> {
  const now = Date.now();
  const id = newId(now);
  await store.insertConfiguration(db, { id, user_id: user.id, config: checked(config, decimals), creator: creator ?? "UNKNOWN", created_at: now, last_modified_at: now });
  return { id };
}

/** What is wrong with a configuration, without keeping it. */
export function reviewConfiguration({ config }: DockerWorkerConfigCreateRequest, decimals: readonly string[]): RunConfigurationReview {
  const { problems, notices } = examineRunConfiguration(written(config, below(decimals)));
  const unknown = Object.keys(config).filter((name) => !known.has(name)).map((name) => ({ path: name.slice(0, 100), message: "there is no such part; a configuration has workerType, docker, lightly and selection" }));
  return { problems: [...unknown, ...problems], notices: [...notices] };
}

/** @throws DomainError DOCKER_WORKER_CONFIG_IN_USE once it has been scheduled: it says how its runs were made */
export async function updateConfiguration({ db }: Context, user: User, configId: string, { config }: DockerWorkerConfigCreateRequest, decimals: readonly string[]): Promise<void> {
  const text = checked(config, decimals);
  await inTurn(db, `configuration ${configId}`, async (transaction) => {
    const row = await requireOwnConfiguration(transaction, user, configId);
    if ((await store.datasetsOfConfiguration(transaction, row.id)).length > 0) throw new DomainError("DOCKER_WORKER_CONFIG_IN_USE", "Runs have been scheduled with this configuration, so it stays as it is. Create another one.");
    await store.updateConfiguration(transaction, row.id, text);
  });
}

function unknownConfiguration(configId: string): DomainError {
  return new DomainError("DOCKER_WORKER_CONFIG_UNKNOWN", `There is no run configuration ${configId.slice(0, 64)} that you may see.`);
}

/** @throws DomainError DOCKER_WORKER_CONFIG_UNKNOWN */
async function requireOwnConfiguration(db: Database, user: User, configId: string): Promise<RunConfigurationTable> {
  const row = isId(configId) ? await store.findConfiguration(db, configId) : undefined;
  if (!row || row.user_id !== user.id) throw unknownConfiguration(configId);
  return row;
}

/** The user's own, and those of runs on datasets that the user may see. @throws DomainError DOCKER_WORKER_CONFIG_UNKNOWN */
export async function requireConfiguration(db: Database, user: User, configId: string): Promise<RunConfigurationTable> {
  const row = isId(configId) ? await store.findConfiguration(db, configId) : undefined;
  if (!row) throw unknownConfiguration(configId);
  if (row.user_id === user.id) return row;
  for (const datasetId of await store.datasetsOfConfiguration(db, row.id)) if (await roleInDataset(db, user, datasetId)) return row;
  throw unknownConfiguration(configId);
}

// Configurations are answered as the text that is kept, so that 1.0 is still 1.0.

function configurationText({ id, config, created_at }: RunConfigurationTable): string {
  return `{"id":"${id}","config":${config},"createdAt":${Number(created_at)}}`;
}

export async function configurationById({ db }: Context, user: User, configId: string): Promise<JsonText> {
  return new JsonText(configurationText(await requireConfiguration(db, user, configId)));
}

export async function writtenConfigurationById({ db }: Context, user: User, configId: string): Promise<JsonText> {
  const { id, config } = await requireConfiguration(db, user, configId);
  return new JsonText(`{"id":"${id}","config":${config},"decimals":${JSON.stringify(wholeDecimals(config))}}`);
}

export function listConfigurations({ db }: Context, user: User): StreamedJson {
  async function* pages() {
    for (let after = ""; ; ) {
      const page = await store.listConfigurations(db, user.id, { after, limit: pageSize });
      yield page;
      if (page.length < pageSize) return;
      after = page.at(-1)!.id;
    }
  }
  return new StreamedJson(jsonArray(pages(), configurationText));
}
