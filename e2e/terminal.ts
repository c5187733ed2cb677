import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { Program, bin, surroundings } from "./program.ts";

/** Whether programs can be run in a terminal of their own here: by `script` of util-linux. */
export const hasTerminals = spawnSync("script", ["-qec", "test -t 0 && test -t 1", "/dev/null"], { stdio: "pipe" }).status === 0;

/** Back to the beginning of the line, and the rest of it away. */
const REWRITTEN = "\r\u001b[K";

/** `winnow` in a terminal of its own, 80 characters wide, with somebody who types. Both outputs come as one. */
export class Terminal extends Program {
  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { CI: _, NO_COLOR: __, ...rest } = surroundings();
    const line = [process.execPath, bin, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const child = spawn("script", ["-qefc", `stty cols 80; exec ${line}`, "/dev/null"], { cwd: tmpdir(), env: { ...rest, TERM: "xterm", SHELL: "/bin/sh", ...env }, stdio: ["pipe", "pipe", "pipe"] });
    super(bin, words, env, child);
  }

  /** Keys, as a keyboard sends them: `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void {
    this.process.stdin!.write(keys);
  }

  /** Everything that stood in a line of its own for a while, the colours taken away. */
  get written(): string[][] {
    return this.stdout.split("\n").map((line) => line.replace(/\r$/, "").split(REWRITTEN).map((text) => text.split("\u001b[").map((part, i) => (i === 0 ? part : part.replace(/^[\d;]*m/, ""))).join("")));
  }

  /** What stands on the screen in the end: lines that were written over are gone. */
  get screen(): string[] {
    return this.written.map((texts) => texts.at(-1)!);
  }
}
