/** The tables, as the queries see them. Columns that hold JSON hold its text; times are milliseconds since the epoch. */

export interface UserTable {
  id: string;
  email: string;
  created_at: number;
}

export interface TokenTable {
  id: string;
  user_id: string;
  name: string;
  /** SHA-256 of the token, hex. */
  hash: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
  expires_at: number | null;
  /** 1: it changes nothing. */
  read_only: number;
  /** JSON array; null: all that its user may use. */
  dataset_ids: string | null;
}

export interface TeamTable {
  id: string;
  name: string;
  created_at: number;
}

export interface TeamMemberTable {
  team_id: string;
  email: string;
  is_admin: number;
}

/** Either a user by mail address or a team. */
export interface DatasetMemberTable {
  id: string;
  dataset_id: string;
  email: string | null;
  team_id: string | null;
  /** viewer, editor, owner */
  role: string;
  created_at: number;
}

export interface DatasetTable {
  id: string;
  user_id: string;
  name: string;
  type: string;
  img_type: string | null;
  /** Samples so far; the next ordinal. */
  n_samples: number;
  /** Moves on with every change of a sample, an added one included. */
  samples_version: number;
  /** `totSize` of all tags. */
  tag_size: number;
  size_in_bytes: number;
  meta_data_configuration_id: string | null;
  parent_dataset_id: string | null;
  upload_progress: string | null;
  /** Set: gone for everybody; a job removes the rows and files. */
  deleted_at: number | null;
  created_at: number;
  last_modified_at: number;
}

export interface ShareTable {
  id: string;
  dataset_id: string;
  access_type: string;
  /** JSON array of mail addresses. */
  users: string;
  created_at: number;
  last_modified_at: number;
}

export interface ShareUserTable {
  share_id: string;
  dataset_id: string;
  email: string;
}

export interface SampleTable {
  dataset_id: string;
  ordinal: number;
  id: string;
  file_name: string;
  type: string;
  thumb_name: string | null;
  exif: string | null;
  meta_data: string | null;
  custom_meta_data: string | null;
  video_frame_data: string | null;
  crop_data: string | null;
  size_in_bytes: number;
  created_at: number;
  last_modified_at: number;
}

export interface TagTable {
  id: string;
  dataset_id: string;
  name: string;
  prev_tag_id: string | null;
  query_tag_id: string | null;
  preselected_tag_id: string | null;
  /** Bits in little-endian order: bit i of the mask is bit i % 8 of byte i / 8. */
  mask: Uint8Array;
  is_initial: number;
  creator: string;
  changes: string | null;
  run_id: string | null;
  created_at: number;
  last_modified_at: number;
}

export interface EmbeddingTable {
  id: string;
  dataset_id: string;
  name: string;
  /** `announced`: no complete file yet; `ready`: listed. */
  state: string;
  rows: number;
  columns: number;
  expires_at: number | null;
  created_at: number;
}

export interface ProjectionTable {
  id: string;
  dataset_id: string;
  embedding_id: string;
  name: string;
  method: string;
  /** Interleaved x, y as float64, little-endian. */
  coordinates: Uint8Array;
  created_at: number;
}

export interface ScoreTable {
  id: string;
  dataset_id: string;
  tag_id: string;
  score_type: string;
  /** Float64, little-endian, one per sample of the tag in ascending ordinal. */
  scores: Uint8Array;
  created_at: number;
}

export interface SelectionTable {
  tag_id: string;
  dataset_id: string;
  embedding_id: string;
  /** JSON of the effective configuration. */
  config: string;
  ordinals: Uint8Array;
  distances: Uint8Array | null;
  scores: Uint8Array | null;
  radii: Uint8Array | null;
  /** Of a selection by strategies: one float64 per pick and strategy. */
  shares: Uint8Array | null;
  created_at: number;
}

/** Picks of which no tag has been made (yet). */
export interface SelectionDraftTable extends Omit<SelectionTable, "tag_id"> {
  id: string;
  user_id: string;
  /** What was chosen before, when the picks were made. */
  preselected_mask: Uint8Array;
}

export interface JobTable {
  id: string;
  user_id: string;
  dataset_id: string | null;
  type: string;
  status: string;
  payload: string;
  /** Jobs of one key do the same: at most one of them waits. */
  dedupe_key: string | null;
  total: number;
  processed: number;
  result: string | null;
  error: string | null;
  attempts: number;
  lease_until: number | null;
  cancel_requested: number;
  /** Of a part: the job that waits for it. */
  parent_id: string | null;
  /** Parts that aren't done yet; until then nobody takes the job. */
  waits_for: number;
  created_at: number;
  last_modified_at: number;
  finished_at: number | null;
}

export interface MetadataConfigurationTable {
  id: string;
  dataset_id: string;
  name: string;
  configs: string;
  created_at: number;
  last_modified_at: number;
}

export interface SettingTable {
  key: string;
  value: string;
}


export interface SessionTable {
  id: string;
  user_id: string;
  /** SHA-256 of the cookie's secret, hex. */
  hash: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  /** The token by which it began: it ends with it and does no more than it. null: it began by password. */
  token_id: string | null;
}

export interface PasswordTable {
  user_id: string;
  /** Argon2id with salt and cost. */
  hash: string;
  changed_at: number;
}

export interface DatasourceTable {
  dataset_id: string;
  /** `INPUT_OUTPUT`, or `INPUT` and `LIGHTLY`. */
  purpose: string;
  id: string;
  /** The configuration as JSON, encrypted for this dataset and purpose. */
  sealed_config: string;
  /** Another one after every change. */
  version: string;
  created_at: number;
  last_modified_at: number;
}

export interface DatasourceProgressTable {
  dataset_id: string;
  /** Seconds since the epoch. */
  processed_until: number;
}

/** What is predicted under one timestamp for one task. */
export interface PredictionTaskTable {
  /** Short key of its predictions. */
  number: number;
  id: string;
  dataset_id: string;
  /** Which version of the predictions it belongs to. */
  timestamp: number;
  name: string;
  type: string;
  categories: string;
  /** Rows in `predictions`, and the sum of their counts. */
  samples: number;
  singletons: number;
  created_at: number;
  last_modified_at: number;
}

export interface PredictionTable {
  task: number;
  ordinal: number;
  /** Singletons of the sample. */
  count: number;
  /** JSON array without what is the same for the whole task. */
  singletons: string;
}

export interface WorkerTable {
  id: string;
  user_id: string;
  name: string;
  type: string;
  /** JSON array of texts. */
  labels: string;
  /** As the worker has told it; whether it is still there follows from `last_seen_at`. */
  state: string;
  session_id: string | null;
  version: string | null;
  host: string | null;
  last_seen_at: number | null;
  created_at: number;
  last_modified_at: number;
}

export interface RunConfigurationTable {
  id: string;
  user_id: string;
  /** JSON, in which whole numbers that were written as decimals still are (1.0). */
  config: string;
  creator: string;
  created_at: number;
  last_modified_at: number;
}

export interface ScheduledRunTable {
  id: string;
  dataset_id: string;
  /** Who scheduled it. */
  user_id: string;
  config_id: string;
  /** 0: LOW, 1: MID, 2: HIGH, 3: CRITICAL. */
  priority: number;
  state: string;
  /** Who has locked it, or has done it. */
  worker_id: string | null;
  /** Locked ones can be taken by others from then on. */
  lease_until: number | null;
  creator: string;
  created_at: number;
  last_modified_at: number;
}

export interface ScheduledRunLabelTable {
  scheduled_id: string;
  label: string;
}

export interface RunTable {
  id: string;
  /** Who scheduled it, or began it without a schedule. */
  user_id: string;
  dataset_id: string | null;
  scheduled_id: string | null;
  config_id: string | null;
  /** Release of the worker. */
  version: string;
  state: string;
  message: string | null;
  report_available: number;
  /** JSON. */
  progress: string | null;
  progress_at: number | null;
  created_at: number;
  last_modified_at: number;
  /** Set: it takes no further state. */
  ended_at: number | null;
}

export interface RunMessageTable {
  run_id: string;
  /** 0, 1, … within the run. */
  number: number;
  ts: number;
  state: string;
  log: string | null;
}

export interface RunLogEntryTable {
  run_id: string;
  /** 0, 1, … within the run. */
  number: number;
  /** JSON. */
  entry: string;
}

export interface RunArtifactTable {
  id: string;
  run_id: string;
  type: string;
  file_name: string;
  /** `LIGHTLY`: in the blob store; `DATASOURCE`: below `.lightly/` of the dataset's datasource. */
  storage_location: string;
  /** Whether its file has been said to be complete. */
  confirmed: number;
  created_at: number;
}

export interface AuditEntryTable {
  id: string;
  at: number;
  action: string;
  status: number;
  user_id: string | null;
  email: string | null;
  credential: string | null;
  remote_address: string | null;
  dataset_id: string | null;
  /** JSON object. */
  target: string | null;
  times: number;
}

export interface WebhookTable {
  id: string;
  user_id: string;
  dataset_id: string | null;
  url: string;
  /** JSON array of names. */
  events: string;
  created_at: number;
}

export interface WebhookDeliveryTable {
  id: string;
  webhook_id: string;
  event: string;
  /** JSON, sent as it is. */
  body: string;
  /** WAITING, DELIVERED, FAILED */
  state: string;
  attempts: number;
  /** While it is being tried: when another one may try. */
  next_attempt_at: number;
  status: number | null;
  error: string | null;
  created_at: number;
}

export interface Schema {
  users: UserTable;
  tokens: TokenTable;
  datasets: DatasetTable;
  shares: ShareTable;
  share_users: ShareUserTable;
  teams: TeamTable;
  team_members: TeamMemberTable;
  dataset_members: DatasetMemberTable;
  samples: SampleTable;
  tags: TagTable;
  embeddings: EmbeddingTable;
  projections: ProjectionTable;
  scores: ScoreTable;
  selections: SelectionTable;
  selection_drafts: SelectionDraftTable;
  jobs: JobTable;
  metadata_configurations: MetadataConfigurationTable;
  prediction_tasks: PredictionTaskTable;
  predictions: PredictionTable;
  settings: SettingTable;
  datasources: DatasourceTable;
  datasource_progress: DatasourceProgressTable;
  sessions: SessionTable;
  passwords: PasswordTable;
  workers: WorkerTable;
  run_configurations: RunConfigurationTable;
  scheduled_runs: ScheduledRunTable;
  scheduled_run_labels: ScheduledRunLabelTable;
  runs: RunTable;
  run_messages: RunMessageTable;
  run_log_entries: RunLogEntryTable;
  run_artifacts: RunArtifactTable;
  audit_entries: AuditEntryTable;
  webhooks: WebhookTable;
  webhook_deliveries: WebhookDeliveryTable;
}
