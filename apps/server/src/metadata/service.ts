import type { ConfigurationData, ConfigurationEntry, ConfigurationSetRequest } from "@winnow/contract";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import { isId, newId } from "../db/ids.ts";
import type { MetadataConfigurationTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import * as store from "./store.ts";

function data(row: MetadataConfigurationTable): ConfigurationData {
  return { id: row.id, name: row.name, configs: JSON.parse(row.configs) as ConfigurationEntry[], createdAt: Number(row.created_at), lastModifiedAt: Number(row.last_modified_at) };
}

/** A default stands for a missing value, so it can't be missing itself. */
function check({ name, configs }: ConfigurationSetRequest): void {
  requireStorable("name", name);
  configs.forEach((entry, i) => {
    const { defaultValue } = entry;
    // A number too large for JSON would be stored as null.
    if (defaultValue === null || defaultValue === undefined || (typeof defaultValue === "number" && !Number.isFinite(defaultValue))) throw new DomainError("BAD_REQUEST", `"configs[${i}].defaultValue" must not be null: it stands for missing values.`);
  });
}

function entriesJson(configs: readonly ConfigurationEntry[]): string {
  return JSON.stringify(configs.map(({ name, path, defaultValue, valueDataType }) => ({ name, path, defaultValue, valueDataType })));
}

export async function createConfiguration({ db }: Context, { row }: DatasetAccess, request: ConfigurationSetRequest): Promise<{ id: string }> {
  check(request);
  const now = Date.now();
  const id = newId(now);
  await inDataset(db, row.id, async (transaction) => {
    await store.insertConfiguration(transaction, { id, dataset_id: row.id, name: request.name, configs: entriesJson(request.configs), created_at: now, last_modified_at: now });
    await updateDataset(transaction, row.id, { meta_data_configuration_id: id });
  });
  return { id };
}

export async function changeConfiguration({ db }: Context, { row }: DatasetAccess, id: string, request: ConfigurationSetRequest): Promise<void> {
  check(request);
  await inDataset(db, row.id, async (transaction) => {
    await requireConfiguration(transaction, row.id, id);
    await store.updateConfiguration(transaction, id, { name: request.name, configs: entriesJson(request.configs), last_modified_at: Date.now() });
    await updateDataset(transaction, row.id);
  });
}

export async function getConfiguration({ db }: Context, { row }: DatasetAccess, id: string): Promise<ConfigurationData> {
  return data(await requireConfiguration(db, row.id, id));
}

export async function listConfigurations({ db }: Context, { row }: DatasetAccess): Promise<ConfigurationData[]> {
  return (await store.listConfigurations(db, row.id)).map(data);
}

async function requireConfiguration(db: Parameters<typeof store.findConfiguration>[0], datasetId: string, id: string): Promise<MetadataConfigurationTable> {
  const found = isId(id) ? await store.findConfiguration(db, datasetId, id) : undefined;
  if (!found) throw new DomainError("METADATA_CONFIGURATION_UNKNOWN", `The dataset has no metadata configuration ${id.slice(0, 64)}.`);
  return found;
}
