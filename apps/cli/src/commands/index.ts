/** Every command, in the order of help. One more: one file beside, one line here. */
import type { Command } from "../command.ts";
import { crop } from "./crop.ts";
import { predictions } from "./predictions.ts";
import { select } from "./select.ts";
import { server } from "./server.ts";
import { start } from "./start.ts";
import { token } from "./token.ts";
import { user } from "./user.ts";
import { version } from "./version.ts";

export const commands: readonly Command[] = [start, select, predictions, crop, server, user, token, version];
