import { execFile } from "node:child_process";
import { access, chmod, constants } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { MissingDecoderError } from "./video-error.ts";

/** The two programs that read videos. They run as processes of their own: a video that brings one down takes nothing along. */
export interface VideoPrograms {
  readonly ffmpeg: VideoProgram;
  readonly ffprobe: VideoProgram;
}

export interface VideoProgram {
  /** What to start: a path, or a name that is on PATH. */
  readonly path: string;
  /** As the program states it, like `5.1.6`. */
  readonly version: string;
  /** Major and minor number; Infinity for builds between releases of an unknown age, undefined parts as 0. */
  readonly release: number;
  /** Where it was found. */
  readonly from: "environment" | "path" | "package";
}

const run = promisify(execFile);
let found: { readonly under: string; readonly programs: Promise<VideoPrograms> } | undefined;

/**
 * Finds ffmpeg and ffprobe, once per process and setting: where WINNOW_FFMPEG and WINNOW_FFPROBE say, else on PATH, else from the npm
 * packages `@ffmpeg-installer/ffmpeg` and `@ffprobe-installer/ffprobe` (old builds, installed unless optional packages are
 * left out; a system's own is better kept).
 * @throws MissingDecoderError saying what to install.
 */
export function findVideoPrograms(): Promise<VideoPrograms> {
  const under = [process.env.WINNOW_FFMPEG, process.env.WINNOW_FFPROBE, process.env.PATH].join("\0");
  if (found?.under !== under) {
    const programs = Promise.all([findProgram("ffmpeg"), findProgram("ffprobe")])
      .then(([ffmpeg, ffprobe]) => ({ ffmpeg, ffprobe }))
      .catch((error: unknown) => {
        found = undefined; // the next call may find them installed
        throw error;
      });
    found = { under, programs };
  }
  return found.programs;
}

const PACKAGES = { ffmpeg: "@ffmpeg-installer", ffprobe: "@ffprobe-installer" } as const;

/** Finds one of the programs, looking again at every call. */
export async function findProgram(name: "ffmpeg" | "ffprobe", environment: NodeJS.ProcessEnv = process.env): Promise<VideoProgram> {
  const variable = `WINNOW_${name.toUpperCase()}`;
  const given = environment[variable];
  if (given !== undefined && given !== "") {
    try {
      return await asked(given, "environment", environment);
    } catch (cause) {
      throw new MissingDecoderError(`${variable} names ${JSON.stringify(given)}, which does not run as ${name}: ${reason(cause)}`, { cause });
    }
  }
  try {
    return await asked(name, "path", environment);
  } catch {
    // Not on PATH, or what is there doesn't run.
  }
  let problem = "";
  try {
    const path = await packaged(name);
    if (path !== undefined) return await asked(path, "package", environment);
  } catch (cause) {
    problem = ` (the one of the npm package ${PACKAGES[name]}/${name} does not run: ${reason(cause)})`;
  }
  throw new MissingDecoderError(
    `videos are decoded by the programs ffmpeg and ffprobe, and there is no ${name}${problem}: install them (Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), or set ${variable} to the program's path`,
  );
}

/** Starts a program for its version, which shows that it runs. */
async function asked(path: string, from: VideoProgram["from"], environment: NodeJS.ProcessEnv): Promise<VideoProgram> {
  const { stdout } = await run(path, ["-version"], { env: { ...environment }, timeout: 20_000, maxBuffer: 1 << 20 });
  const version = /^ff(?:mpeg|probe) version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error("it does not answer -version as expected");
  return { path, version, from, release: releaseOf(version, stdout) };
}

/** `5.1.6-0+deb12u1` is 5.01, `n7.0` is 7; builds between releases tell their age by the library's version. */
function releaseOf(version: string, text: string): number {
  const numbers = /^n?(\d+)\.(\d+)/.exec(version);
  if (numbers !== null) return Number(numbers[1]) + Number(numbers[2]) / 100;
  // The codec library's major number is the release's plus 54: 58 came with 4, 59 with 5, 60 with 6.
  const library = /libavcodec\s+(\d+)\./.exec(text);
  return library === null ? Infinity : Number(library[1]) - 54;
}

/** The program inside the npm package for this machine; undefined where there is none. Its script that marks it as a program may not have run. */
async function packaged(name: "ffmpeg" | "ffprobe"): Promise<string | undefined> {
  let path: string;
  try {
    const outer = createRequire(import.meta.url).resolve(`${PACKAGES[name]}/${name}/package.json`);
    path = createRequire(outer).resolve(`${PACKAGES[name]}/${process.platform}-${process.arch}/${name}${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    return undefined;
  }
  try {
    await access(path, constants.X_OK);
  } catch {
    await chmod(path, 0o755);
  }
  return path;
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "it may not be executed";
  return error instanceof Error ? error.message.split("\n")[0]! : String(error);
}

/** What a program gets of our environment: nothing that could hold a secret. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const kept: NodeJS.ProcessEnv = { LC_ALL: "C", AV_LOG_FORCE_NOCOLOR: "1" };
  for (const name of ["PATH", "LD_LIBRARY_PATH", "SystemRoot", "TEMP", "TMPDIR"]) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return kept;
}
