/** Every operation there is, by domain: what the server serves, OpenAPI lists and the SDK may call. */
import { audit } from "./audit.ts";
import { collaboration } from "./collaboration.ts";
import { columns } from "./columns.ts";
import { datasets } from "./datasets.ts";
import { datasources } from "./datasources.ts";
import { embeddings } from "./embeddings.ts";
import { events } from "./events.ts";
import { exports } from "./exports.ts";
import { jobs } from "./jobs.ts";
import { mappings } from "./mappings.ts";
import { metadata } from "./metadata.ts";
import type { Operation } from "./model.ts";
import { neighbours } from "./neighbours.ts";
import { predictions } from "./predictions.ts";
import { projections } from "./projections.ts";
import { quota } from "./quota.ts";
import { samples } from "./samples.ts";
import { scores } from "./scores.ts";
import { selection } from "./selection.ts";
import { selectionDrafts } from "./selection-drafts.ts";
import { tags } from "./tags.ts";
import { users } from "./users.ts";
import { versions } from "./versions.ts";
import { webhooks } from "./webhooks.ts";
import { workers } from "./workers/index.ts";

export const domains = {
  versions,
  datasets,
  collaboration,
  samples,
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
  datasources,
  workers,
  predictions,
  metadata,
  users,
  columns,
  events,
  neighbours,
  audit,
  webhooks,
} as const;

export const operations: readonly Operation[] = Object.values(domains).flatMap((rows) => Object.values(rows));
