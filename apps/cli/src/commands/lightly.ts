/** The commands of the lightly package in their old spelling: they do it, and say what the new spelling is. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, command } from "../command.ts";
import type { Io } from "../io.ts";
import { readConfiguration } from "../lightly/arguments.ts";
import { type Keys, SERVE_KEYS, SHARED_KEYS, WORKER_KEYS } from "../lightly/keys.ts";
import { shellLine } from "../lightly/shell-words.ts";
import { TRANSLATIONS } from "../lightly/translate.ts";
import { INCOMPLETE } from "../problems.ts";
import { paintFor } from "../terminal/colour.ts";

interface Old {
  readonly summary: string;
  readonly example: string;
  readonly keys: Keys;
  /** Keys that this command is about. */
  readonly own: readonly (keyof typeof SHARED_KEYS)[];
}

const OLD: Readonly<Record<keyof typeof TRANSLATIONS, Old>> = {
  upload: {
    summary: "as winnow upload and winnow import",
    example: "input_dir=photos new_dataset_name=streets",
    keys: SHARED_KEYS,
    own: ["input_dir", "embeddings", "custom_metadata", "token", "dataset_id", "new_dataset_name", "upload", "append", "resize", "embedding_name", "loader.num_workers"],
  },
  download: { summary: "as winnow download", example: "dataset_id=64e1f0c2a9b3d4e5f6a7b8c9 tag_name=chosen", keys: SHARED_KEYS, own: ["token", "dataset_id", "tag_name", "exclude_parent_tag", "input_dir", "output_dir", "hydra.run.dir"] },
  embed: { summary: "as winnow embed", example: "input_dir=photos", keys: SHARED_KEYS, own: ["input_dir", "checkpoint", "hydra.run.dir"] },
  train: { summary: "not there: says what to do instead", example: "input_dir=photos", keys: SHARED_KEYS, own: [] },
  crop: { summary: "as winnow crop", example: "input_dir=photos label_dir=labels output_dir=crops crop_padding=0.2", keys: SHARED_KEYS, own: ["input_dir", "label_dir", "output_dir", "label_names_file", "crop_padding"] },
  magic: {
    summary: "as winnow embed and winnow upload; winnow curate selects too",
    example: "input_dir=photos new_dataset_name=streets trainer.max_epochs=0",
    keys: SHARED_KEYS,
    own: ["input_dir", "checkpoint", "token", "dataset_id", "new_dataset_name", "upload", "append", "resize", "custom_metadata", "loader.num_workers", "hydra.run.dir"],
  },
  serve: { summary: "as winnow serve", example: "input_mount=photos port=3456", keys: SERVE_KEYS, own: [] },
  worker: { summary: "as winnow worker", example: "worker.worker_id=64e1f0c2a9b3d4e5f6a7b8c9", keys: WORKER_KEYS, own: [] },
  version: { summary: "as winnow version", example: "", keys: SHARED_KEYS, own: [] },
};

export const lightly: readonly Command[] = Object.entries(OLD).map(([name, old]) =>
  command({
    name: `lightly-${name}`,
    group: "Commands of the lightly package, in their old spelling",
    summary: old.summary,
    arguments: [{ name: "KEY=VALUE", summary: "arguments as the lightly commands take them", optional: true, variadic: true, completes: Object.keys(old.keys).map((key) => `${key}=`) }],
    notes: notes(old),
    examples: [`winnow lightly-${name} ${old.example}`.trimEnd()],
    run: ({ arguments: words }, io) => run(name as keyof typeof TRANSLATIONS, words as readonly string[], io),
  }),
);

function notes({ keys, own }: Old): string {
  const shown = own.length > 0 ? own : Object.keys(keys).filter((key) => keys[key]!.summary !== undefined && keys !== SHARED_KEYS);
  if (shown.length === 0) return "Takes the arguments of the other lightly commands, which change nothing.";
  const width = Math.max(...shown.map((key) => key.length));
  return `Arguments and what they are unless given:\n${shown.map((key) => `  ${key.padEnd(width)}  ${JSON.stringify(keys[key]!.initial)}  ${keys[key]!.summary}`).join("\n")}\n\nThe token may come from WINNOW_TOKEN or LIGHTLY_TOKEN, or from winnow login, as well.`;
}

async function run(name: keyof typeof TRANSLATIONS, words: readonly string[], io: Io): Promise<number> {
  const { keys } = OLD[name];
  const configuration = readConfiguration(words, keys);
  const { lines, notes: said = [], folder } = TRANSLATIONS[name](configuration, new Date());
  const paint = paintFor(io, "stderr");
  const without = [...configuration.given].filter((key) => keys[key]!.without !== undefined && !(name === "magic" && key === "trainer.max_epochs"));
  for (const note of [...without.map((key) => `${key} changes nothing: ${keys[key]!.without}`), ...said]) io.stderr.write(`${paint.yellow("Note:")} ${note}\n`);
  const token = Object.hasOwn(keys, "token") ? configuration.text("token") : "";
  if (token !== "") io.stderr.write(`${paint.yellow("Note:")} others can read a token on a command line: winnow login keeps it, or set it as WINNOW_TOKEN\n`);
  if (folder !== undefined) mkdirSync(resolve(io.cwd, folder), { recursive: true });
  const { runCommandLine } = await import("../program.ts");
  let outcome = 0;
  for (const line of lines) {
    io.stderr.write(`${paint.dim("The new spelling:")} ${shellLine(["winnow", ...line])}\n`);
    const code = await runCommandLine(line, token === "" ? io : { ...io, env: { ...io.env, WINNOW_TOKEN: token } });
    if (code !== 0 && code !== INCOMPLETE) return code;
    outcome = Math.max(outcome, code);
  }
  return outcome;
}
