import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../io.ts";

/** Where the user's programs keep what can be made again. */
export function cacheFolder({ env }: Pick<Io, "env">): string {
  return join(below(env, "XDG_CACHE_HOME", ".cache"), "winnow");
}

/** Where the user's programs keep what they remember from run to run. */
export function stateFolder({ env }: Pick<Io, "env">): string {
  return join(below(env, "XDG_STATE_HOME", join(".local", "state")), "winnow");
}

function below(env: Io["env"], name: string, folder: string): string {
  const home = env["HOME"] || env["USERPROFILE"];
  return env[name] || (home ? join(home, folder) : tmpdir());
}
