/**
 * Settings of a command that runs for long: each flag also has an environment variable, and one file may hold variables.
 * The command line goes before the environment, the environment before the file.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { probableName } from "@winnow/contract/nearest-name";
import { type Flags, flagName } from "./command.ts";
import { jsonOfServer } from "./flags.ts";
import type { Io } from "./io.ts";
import { UsageError, explain } from "./problems.ts";

export type Source = "command line" | "environment" | "file" | "default";

/** No settings themselves: they are given on the command line only. */
export const settingsFlags = {
  config: { value: "FILE", summary: "file with settings, a line VARIABLE=value for each, as the environment would have them; WINNOW_CONFIG unless given" },
  printConfig: { summary: "print every setting, what it is and where it comes from, and end" },
  json: jsonOfServer,
} as const;

/** Which variable says the same as a flag. */
export function variableOf(key: string): string {
  if (key === "databaseUrl") return "DATABASE_URL";
  if (key === "blobStore") return "BLOB_STORE";
  if (key === "allowFolder" || key === "allowAddress") return `WINNOW_${key === "allowFolder" ? "ALLOW_FOLDERS" : "ALLOW_ADDRESSES"}`;
  return `WINNOW_${flagName(key).slice(2).replaceAll("-", "_").toUpperCase()}`;
}

/** What the parser has made of the words. */
export interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  isGiven(key: string): boolean;
}

export interface Settled {
  readonly values: Readonly<Record<string, unknown>>;
  readonly env: Io["env"];
  /** Where each flag and variable comes from. */
  readonly sourceOf: (name: string) => Source;
}

/**
 * @param variables those that the command reads by itself
 * @throws UsageError for a file that can't be read, a variable in it that nothing reads, and a value that its flag would refuse
 */
export function settle(flags: Flags, variables: readonly string[], parsed: ParsedWords, io: Io): Settled {
  const path = (parsed.values["config"] as string | undefined) ?? io.env["WINNOW_CONFIG"];
  const names = Object.keys(flags).filter((key) => !(key in settingsFlags));
  const file = path ? fileOf(resolve(io.cwd, path), [...names.map(variableOf), ...variables]) : {};
  const fromEnvironment = (name: string) => io.env[name] !== undefined && io.env[name].trim() !== "";
  const env = { ...file, ...Object.fromEntries(Object.entries(io.env).filter(([name]) => fromEnvironment(name) || !(name in file))) };
  // The clouds' own libraries look into the environment of the process.
  if (io.env === process.env) for (const [name, value] of Object.entries(file)) if (!fromEnvironment(name)) process.env[name] = value;
  const values: Record<string, unknown> = { ...parsed.values };
  for (const key of names) {
    const [variable, flag] = [variableOf(key), flags[key]!];
    // Those are read where their values are put together.
    if (parsed.isGiven(key) || variables.includes(variable)) continue;
    const text = env[variable]?.trim();
    if (text === undefined || text === "") continue;
    values[key] = valueOf(flag, variable, text);
  }
  return {
    values,
    env,
    sourceOf: (name) => {
      if (name in flags && parsed.isGiven(name)) return "command line";
      const variable = name in flags ? variableOf(name) : name;
      return fromEnvironment(variable) ? "environment" : variable in file ? "file" : "default";
    },
  };
}

function valueOf(flag: Flags[string], variable: string, text: string): unknown {
  if (flag.value === undefined) {
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    if (/^(0|false|no|off)$/i.test(text)) return undefined;
    throw new UsageError(`${variable} must be 1 or 0, not ${JSON.stringify(text)}.`);
  }
  try {
    return flag.parse ? flag.parse(text, flag.initial) : text;
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${variable}: ${error.message}`) : error;
  }
}

function fileOf(path: string, known: readonly string[]): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--config can't be read: ${explain(error)}`);
  }
  const file = parseEnv(text) as Record<string, string>;
  for (const name of Object.keys(file)) {
    // What is no variable of ours is somebody else's, such as AWS_REGION.
    if (!name.startsWith("WINNOW_") || known.includes(name)) continue;
    const near = probableName(name, known);
    throw new UsageError(`${path} sets ${name}, which is no setting of this command.${near === undefined ? "" : ` Is ${near} meant?`}`);
  }
  return file;
}
