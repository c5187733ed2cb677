/** Which handler serves which operation. A domain that isn't listed answers "not implemented". */
import type { Operation } from "@winnow/contract";
import { domains } from "@winnow/contract";
import { users } from "../accounts/routes.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { audit } from "../audit/routes.ts";
import { collaboration } from "../collaboration/routes.ts";
import { Pictures } from "../columns/pictures.ts";
import { columns } from "../columns/routes.ts";
import { Columns } from "../columns/service.ts";
import { datasets } from "../datasets/routes.ts";
import { RelevantFilesReader } from "../datasources/relevant-files.ts";
import { datasources } from "../datasources/routes.ts";
import { embeddings } from "../embeddings/routes.ts";
import { events } from "../events/routes.ts";
import { exports } from "../exports/routes.ts";
import { jobs } from "../jobs/routes.ts";
import { metadata } from "../metadata/routes.ts";
import { neighbours } from "../neighbours/routes.ts";
import { predictions } from "../predictions/routes.ts";
import { projections } from "../projections/routes.ts";
import { Registrar } from "../samples/registrar.ts";
import { mappings, quota, samples } from "../samples/routes.ts";
import { scores } from "../scores/routes.ts";
import { selectionDrafts } from "../selection-drafts/routes.ts";
import { selection } from "../selection/routes.ts";
import { tags } from "../tags/routes.ts";
import { webhooks } from "../webhooks/routes.ts";
import { workers } from "../workers/routes.ts";
import { versions } from "../versions/routes.ts";
import type { Threads } from "../threads/threads.ts";
import type { Handler } from "./call.ts";
import type { Context } from "./context.ts";

/** Handlers by operation id. */
export function handlersById(context: Context, threads: Threads, log: AuditLog): ReadonlyMap<string, Handler<Operation>> {
  const relevantFiles = new RelevantFilesReader();
  const served = {
    versions,
    users: users(),
    datasets,
    datasources: datasources(relevantFiles),
    workers: workers(relevantFiles),
    collaboration,
    samples: samples(new Registrar(context)),
    mappings,
    quota,
    tags,
    exports,
    embeddings,
    projections,
    selection,
    selectionDrafts,
    scores,
    jobs,
    metadata,
    columns: columns(new Columns(context, threads), new Pictures(context)),
    predictions,
    events,
    neighbours: neighbours(threads),
    audit: audit(log),
    webhooks,
  };
  const handlers = new Map<string, Handler<Operation>>();
  for (const [name, rows] of Object.entries(served)) {
    const operations = domains[name as keyof typeof served] as Readonly<Record<string, Operation>>;
    for (const [key, handler] of Object.entries(rows)) handlers.set(operations[key]!.id, handler as Handler<Operation>);
  }
  return handlers;
}
