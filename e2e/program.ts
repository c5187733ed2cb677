import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeJpeg } from "@winnow/media";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const bin = join(root, "apps", "cli", "bin", "winnow.js");
export const startScript = join(root, "scripts", "start.mjs");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours under test, with what it has printed so far. */
export class Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  #changed = () => undefined as void;
  #over = false;

  /** @param child a process with pipes, in the place of one that runs the script */
  constructor(script: string, words: readonly string[], env: Readonly<Record<string, string>> = {}, child?: ChildProcess) {
    this.process = child ?? spawn(process.execPath, [script, ...words], { cwd: tmpdir(), env: { ...surroundings(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.process);
    this.process.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    this.process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#changed();
    });
    this.ended = new Promise((resolve) => {
      this.process.once("close", (code, signal) => {
        this.#over = true;
        running.delete(this.process);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.#changed();
      });
    });
  }

  /** Waits until something was printed, on either channel. @returns its match, undefined when the program ended without */
  async until(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found) return found;
      if (this.#over) return undefined;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** The address that it printed. */
  async url(): Promise<string> {
    const found = await this.until(/listens at (http:\S+)/);
    if (!found) throw new Error(`it ended before it listened: ${this.stdout}${this.stderr}`);
    return found[1]!;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }
}

const running = new Set<ChildProcess>();

/** The environment of the tests without what would change what programs of ours do. */
export function surroundings(): NodeJS.ProcessEnv {
  const { WINNOW_TOKEN: _, WINNOW_DEBUG: __, ...rest } = process.env;
  return rest;
}

/** Ends what a failed test left behind, each by its own id. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      return ended;
    }),
  );
}

/** Runs a program to its end. */
export function run(script: string, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
  return new Program(script, words, env).ended;
}

export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "winnow-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A JPEG of stripes: other numbers, other direction, width and colours. @param quality of the file; another one gives nearly the same picture */
export async function writePicture(path: string, number: number, quality = 85): Promise<void> {
  const [width, height] = [160, 120];
  const data = new Uint8Array(width * height * 3);
  const angle = number * 0.7;
  const step = 4 + ((number * 7) % 23);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = 0.5 + 0.5 * Math.sin((x * Math.cos(angle) + y * Math.sin(angle)) / step + number);
      data[at++] = 255 * wave;
      data[at++] = (number * 53) % 256;
      data[at++] = 255 * (1 - wave) * (((number * 31) % 11) / 10);
    }
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodeJpeg({ data, width, height }, quality));
}
