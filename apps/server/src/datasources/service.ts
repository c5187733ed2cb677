import type { DatasourceConfig, DatasourcePurpose } from "@winnow/contract";
import { checkThumbSuffix, defaultThumbSuffix, SourceError } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { record } from "../audit/record.ts";
import { newId } from "../db/ids.ts";
import { inDataset } from "../db/turns.ts";
import { masked, unmasked } from "./secrets.ts";
import { problemOf } from "./source-problem.ts";
import { listDatasources, replaceDatasource } from "./store.ts";

/** What is kept of each type, beside what all have. */
const fieldsOf: Readonly<Record<DatasourceConfig["type"], readonly string[]>> = {
  LOCAL: [],
  LIGHTLY: [],
  S3: ["s3Region", "s3AccessKeyId", "s3SecretAccessKey"],
  S3DelegatedAccess: ["s3Region", "s3ARN", "s3ExternalId"],
  GCS: ["gcsProjectId", "gcsCredentials"],
  AZURE: ["accountName", "accountKey"],
};

/**
 * The datasource of a purpose, secrets masked. Without a purpose: the one for both, or of a pair the one that is read.
 * @throws DomainError DATASET_DATASOURCE_UNKNOWN
 */
export async function datasourceOf({ db, sources }: Context, datasetId: string, purpose?: DatasourcePurpose): Promise<DatasourceConfig> {
  const rows = await listDatasources(db, datasetId);
  const wanted: DatasourcePurpose[] = purpose === undefined ? ["INPUT_OUTPUT", "INPUT", "LIGHTLY"] : [purpose];
  const row = wanted.map((one) => rows.find((candidate) => candidate.purpose === one)).find((one) => one !== undefined);
  if (!row) throw new DomainError("DATASET_DATASOURCE_UNKNOWN", purpose === undefined || rows.length === 0 ? "The dataset has no datasource. Connect one first." : `The dataset has no datasource for ${purpose}, only for ${rows.map((one) => one.purpose).join(" and ")}.`, { status: 404 });
  return masked(sources.config(row));
}

/** All datasources of a dataset, secrets masked. */
export async function datasourcesOf({ db, sources }: Context, datasetId: string): Promise<DatasourceConfig[]> {
  return (await listDatasources(db, datasetId)).map((row) => masked(sources.config(row)));
}

/**
 * Connects a datasource, in the place of what has had its purpose. The provider is not asked; a folder must be there.
 * @throws DomainError DATASET_DATASOURCE_INVALID naming what can't be right
 */
export async function connectDatasource({ db, sources }: Context, datasetId: string, given: DatasourceConfig): Promise<void> {
  const rows = await listDatasources(db, datasetId);
  // Of several stored secrets the one of the same purpose is meant.
  const stored = rows.toSorted((a, b) => Number(b.purpose === given.purpose) - Number(a.purpose === given.purpose)).map((row) => sources.config(row));
  const config = unmasked(known(given), stored);
  try {
    if (config.thumbSuffix) checkThumbSuffix(config.thumbSuffix);
    const opened = await sources.open(config);
    try {
      if (!(await sources.hasFolder(opened))) throw new SourceError("configuration", `"${config.fullPath}" is a file, not a folder.`);
    } finally {
      opened.source.close();
    }
  } catch (error) {
    // Whether credentials are good is known to the provider only: a check or a listing says it.
    if (!(error instanceof SourceError)) throw error;
    if (error.kind !== "credential") throw new DomainError("DATASET_DATASOURCE_INVALID", problemOf(error).message);
  }
  const now = Date.now();
  await inDataset(db, datasetId, async (transaction) => {
    await replaceDatasource(transaction, { dataset_id: datasetId, purpose: config.purpose, id: newId(now), sealed_config: sources.seal(config, datasetId), version: newId(now), created_at: now, last_modified_at: now });
    await record(transaction, { target: { type: config.type, purpose: config.purpose, fullPath: config.fullPath } });
  });
  sources.forget(datasetId);
}

/** Only what is known of the type, so that nothing is kept that nobody looks at. An empty suffix means none. */
function known(given: DatasourceConfig): DatasourceConfig {
  const { type, purpose, fullPath, thumbSuffix = defaultThumbSuffix } = given;
  const values = given as unknown as Readonly<Record<string, unknown>>;
  return { type, purpose, fullPath, thumbSuffix: thumbSuffix === "" ? null : thumbSuffix, ...Object.fromEntries(fieldsOf[type].map((name) => [name, values[name]])) } as DatasourceConfig;
}
