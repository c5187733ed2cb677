import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { programEnvironment } from "./programs.ts";

/** How much of a program's complaints is kept: its first ones, which name the cause. */
const KEPT = 16 * 1024;

export interface ProgramRun {
  readonly stdout: Readable;
  /** A second way out, where the program was told to write to `pipe:3`. */
  readonly second: Readable;
  /** The end: its exit code, null when it was ended by a signal. Rejects when it can't be started. */
  readonly ended: Promise<number | null>;
  /** The first lines it complained with. */
  complaints(): string[];
  kill(): void;
  /** Kills it, drops what it has written and nobody has read, and waits until it is gone: as long as its pipes hold something it isn't. */
  dispose(): Promise<void>;
}

/** Starts a program without a shell, without input and without our environment. It ends when the signal does. */
export function runProgram(path: string, args: readonly string[], signal: AbortSignal | undefined): ProgramRun {
  signal?.throwIfAborted();
  const child: ChildProcess = spawn(path, args, { stdio: ["ignore", "pipe", "pipe", "pipe"], env: programEnvironment(), windowsHide: true });
  const kill = () => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  let text = "";
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    if (text.length < KEPT) text += chunk.slice(0, KEPT - text.length);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  }).finally(() => signal?.removeEventListener("abort", kill));
  ended.catch(() => undefined); // whoever waits for it hears of it
  return {
    stdout: child.stdout!,
    second: child.stdio[3] as Readable,
    ended,
    complaints: () => text.split(/\r?\n/).filter((line) => line.trim() !== ""),
    kill,
    dispose: async () => {
      kill();
      child.stdout!.destroy();
      child.stdio[3]!.destroy();
      await ended.catch(() => undefined);
    },
  };
}

/** What a program wrote until it ended; for short answers. @throws the signal's reason when aborted. */
export async function outputOf(path: string, args: readonly string[], signal: AbortSignal | undefined): Promise<{ readonly code: number | null; readonly text: string; readonly complaints: string[] }> {
  const program = runProgram(path, args, signal);
  program.second.resume();
  let text = "";
  for await (const chunk of program.stdout.setEncoding("utf8")) {
    text += chunk as string;
    if (text.length > 8 << 20) program.kill(); // no description of a video is that long
  }
  const code = await program.ended;
  signal?.throwIfAborted();
  return { code, text, complaints: program.complaints() };
}
