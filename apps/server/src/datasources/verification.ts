import type { DatasourceCheck, DatasourcePurpose } from "@winnow/contract";
import { SourceError, type SourceVerification } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasourceTable } from "../db/schema.ts";
import { listDatasources } from "./store.ts";

const abilities = ["canRead", "canWrite", "canList", "canOverwrite"] as const;

/**
 * Tries what the datasource of a purpose allows, or all of the dataset. Of a pair the input is read and listed, the other
 * one also written; what one of them lacks, both lack.
 * @throws DomainError DATASET_DATASOURCE_UNKNOWN
 */
export async function checkDatasource(context: Context, datasetId: string, purpose?: DatasourcePurpose): Promise<DatasourceCheck> {
  const rows = (await listDatasources(context.db, datasetId)).filter((row) => purpose === undefined || row.purpose === purpose);
  if (rows.length === 0) throw new DomainError("DATASET_DATASOURCE_UNKNOWN", `The dataset has no datasource${purpose === undefined ? "" : ` for ${purpose}`}. Connect one first.`, { status: 404 });
  const found = await Promise.all(rows.map(async (row) => ({ purpose: row.purpose, result: await verified(context, row) })));
  const [one] = found;
  if (found.length === 1 && one) return { ...one.result, errors: one.result.errors ?? {} };
  const check: Record<string, boolean> = {};
  const errors: Record<string, string> = {};
  for (const ability of abilities) {
    // The input of a pair is not meant to be written.
    const asked = found.filter((each) => each.purpose !== "INPUT" || ability === "canRead" || ability === "canList");
    check[ability] = asked.every(({ result }) => result[ability]);
    const sentences = asked.flatMap(({ purpose: of, result }) => (result.errors?.[ability] === undefined ? [] : [`${of}: ${result.errors[ability]}`]));
    if (sentences.length > 0) errors[ability] = sentences.join(" ");
  }
  return { ...(check as unknown as DatasourceCheck), errors };
}

async function verified({ sources }: Context, row: DatasourceTable): Promise<SourceVerification> {
  try {
    const { source } = await sources.of(row);
    return await source.verify({ tryWrite: row.purpose !== "INPUT" });
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof DomainError)) throw error;
    const { message } = error;
    return { canRead: false, canWrite: false, canList: false, canOverwrite: false, errors: Object.fromEntries(abilities.map((ability) => [ability, message])) };
  }
}
