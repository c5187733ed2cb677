/** Every command, in the order of help. One more: one file beside, one line here. */
import type { Command } from "../command.ts";
import { audit } from "./audit.ts";
import { backup, restore } from "./backup.ts";
import { completion } from "./completion.ts";
import { crop } from "./crop.ts";
import { curate } from "./curate.ts";
import { datasets } from "./datasets.ts";
import { doctor } from "./doctor.ts";
import { download } from "./download.ts";
import { duplicates } from "./duplicates.ts";
import { embed } from "./embed.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { lightly } from "./lightly.ts";
import { login, logout } from "./login.ts";
import { predictions } from "./predictions.ts";
import { runs } from "./runs.ts";
import { select } from "./select.ts";
import { serve } from "./serve.ts";
import { server } from "./server.ts";
import { start } from "./start.ts";
import { tags } from "./tags.ts";
import { token } from "./token.ts";
import { upload } from "./upload.ts";
import { user } from "./user.ts";
import { version } from "./version.ts";
import { worker } from "./worker.ts";
import { workers } from "./workers.ts";
export const commands: readonly Command[] = [
  start,
  embed,
  select,
  duplicates,
  crop,
  predictions,
  login,
  logout,
  curate,
  upload,
  download,
  importCommand,
  exportCommand,
  datasets,
  tags,
  runs,
  workers,
  audit,
  server,
  worker,
  serve,
  user,
  token,
  backup,
  restore,
  doctor,
  completion,
  version,
  ...lightly,
];
