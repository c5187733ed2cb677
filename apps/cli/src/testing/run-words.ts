/** For tests: a command line in this process, with what it printed. */
import type { Command } from "../command.ts";
import type { Io } from "../io.ts";
import { runCommandLine } from "../program.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the words behind `winnow`, without a terminal and with an empty environment unless `io` has one. */
export async function runWords(words: readonly string[], io: Partial<Io> & Pick<Io, "cwd">, list?: readonly Command[]): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const standard = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: (text: string) => (stderr += text) }, isTTY: false, env: {}, stop: new AbortController().signal };
  const code = await runCommandLine(words, { ...standard, ...io }, list);
  return { code, stdout, stderr };
}
