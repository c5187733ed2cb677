/** What `winnow login` keeps: a token per platform, in the user's configuration folder, readable by the user alone. */
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeWhole } from "../files/write-whole.ts";
import type { Io } from "../io.ts";
import { Problem } from "../problems.ts";

export interface Logins {
  /** The platform that was logged in to last: commands go there unless told otherwise. */
  readonly current?: string;
  /** By address. A token is only ever sent to the platform it was given for. */
  readonly platforms: Readonly<Record<string, { readonly token: string; readonly email?: string }>>;
}

const OWNER_ONLY = 0o600;

/** Where they are kept; undefined when the environment names no home. */
export function loginPath({ env }: Pick<Io, "env">): string | undefined {
  const home = env["HOME"] || env["USERPROFILE"];
  const folder = env["XDG_CONFIG_HOME"] || (process.platform === "win32" ? env["APPDATA"] : undefined) || (home && join(home, ".config"));
  return folder ? join(folder, "winnow", "login.json") : undefined;
}

/** @throws Problem for a file that isn't one of ours */
export function readLogins(io: Pick<Io, "env" | "stderr">): Logins {
  const path = loginPath(io);
  const text = path === undefined ? undefined : textOf(path);
  if (path === undefined || text === undefined) return { platforms: {} };
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    chmodSync(path, OWNER_ONLY);
    io.stderr.write(`${path} could be read by others; now it can't. If they may have read it, make a new token (winnow token create) and revoke the old one.\n`);
  }
  try {
    const { current, platforms } = JSON.parse(text) as Partial<Logins>;
    if (typeof platforms !== "object" || platforms === null || !Object.values(platforms).every(({ token }) => typeof token === "string")) throw new SyntaxError("no platforms");
    return { ...(typeof current === "string" && { current }), platforms };
  } catch {
    // Without the cause: its message could quote a token.
    throw new Problem(`${path} can't be understood. Remove it, and log in again.`);
  }
}

/** @throws Problem when the environment names no home */
export function writeLogins(io: Pick<Io, "env">, logins: Logins): string {
  const path = loginPath(io);
  if (path === undefined) throw new Problem("There is no folder to keep the token in: set HOME or XDG_CONFIG_HOME.");
  if (Object.keys(logins.platforms).length === 0) rmSync(path, { force: true });
  else {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeWhole(path, `${JSON.stringify(logins, undefined, 2)}\n`, OWNER_ONLY);
  }
  return path;
}

/** Addresses that mean the same platform are written the same. */
export function platformKey(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/\/+$/, "") : url;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
