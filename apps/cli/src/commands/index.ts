/** Every command, in the order of help. One more: one file beside, one line here. */
import type { Command } from "../command.ts";
import { backup, restore } from "./backup.ts";
import { crop } from "./crop.ts";
import { doctor } from "./doctor.ts";
import { predictions } from "./predictions.ts";
import { runs } from "./runs.ts";
import { select } from "./select.ts";
import { serve } from "./serve.ts";
import { server } from "./server.ts";
import { start } from "./start.ts";
import { token } from "./token.ts";
import { user } from "./user.ts";
import { version } from "./version.ts";
import { worker } from "./worker.ts";
import { workers } from "./workers.ts";

export const commands: readonly Command[] = [start, select, predictions, crop, server, serve, worker, runs, workers, user, token, backup, restore, doctor, version];
