import { mkdir, readFile, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { RunFailure } from "../../run/context.ts";
import type { RunFacts } from "../facts.ts";
import { explained } from "./files.ts";

/** A folder that is filled under another name and appears as a whole. */
export interface Place {
  /** Where to write. */
  readonly draft: string;
  /** Gives the folder its name and returns it. */
  publish(): Promise<string>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/**
 * The folder of a run below `output`: `runDirectory`, or date and time (UTC) of its start. An earlier attempt's folder of
 * the same run is replaced; any other folder of that name stays, and this one gets a number behind its name.
 * @throws RunFailure for a run directory that leads elsewhere, a full disk, a missing right.
 */
export async function openPlace(output: string, run: RunFacts["run"], runDirectory = ""): Promise<Place> {
  const root = resolve(output);
  const wanted = join(root, ...segments(run, runDirectory));
  const parent = dirname(wanted);
  const base = wanted.slice(parent.length + 1);
  const mark = run.id.replace(/[^A-Za-z0-9_-]/g, "").slice(0, 64);
  const draft = join(parent, `.${base}-${mark}.part`);
  try {
    await mkdir(parent, { recursive: true });
    // What an attempt left that was killed.
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
  } catch (error) {
    throw explained(error, parent);
  }
  return {
    draft,
    async publish() {
      try {
        for (let number = 1; ; number++) {
          const final = number === 1 ? wanted : `${wanted}-${number}`;
          const there = await occupant(final, run.id);
          if (there === "other") continue;
          if (there === "same") {
            const old = `${draft}.old`;
            await rm(old, { recursive: true, force: true });
            await rename(final, old);
            await rename(draft, final);
            await rm(old, { recursive: true, force: true });
            return final;
          }
          try {
            // Takes the place of an empty folder, and fails where another run was quicker.
            await rename(draft, final);
            return final;
          } catch (error) {
            if (!["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
          }
        }
      } catch (error) {
        throw explained(error, wanted);
      }
    },
    async discard() {
      await rm(draft, { recursive: true, force: true });
      // The day's folder too, where nobody else is in it.
      if (parent !== root) await rmdir(parent).catch(() => undefined);
    },
  };
}

function segments(run: RunFacts["run"], runDirectory: string): string[] {
  if (runDirectory === "") {
    const started = new Date(run.startedAt);
    const text = (Number.isNaN(started.getTime()) ? new Date(0) : started).toISOString();
    // No colons: not every file system takes them.
    return [text.slice(0, 10), text.slice(11, 19).replaceAll(":", "-")];
  }
  const parts = runDirectory.replace(/\/+$/, "").split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.startsWith(".") || /[\\:*?"<>|\p{Cc}]/u.test(part))) {
    throw new RunFailure(`run_directory must be the name of a folder below the output folder, such as "results/july"; ${JSON.stringify(runDirectory)} isn't`);
  }
  return parts;
}

/** Who lives in a folder: nobody, this run, or somebody else. */
async function occupant(folder: string, runId: string): Promise<"nobody" | "same" | "other"> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "nobody" : "other";
  }
  if (names.length === 0) return "nobody";
  try {
    const report = JSON.parse(await readFile(join(folder, "report_v2.json"), "utf8")) as { run?: { id?: unknown } };
    return report.run?.id === runId ? "same" : "other";
  } catch {
    return "other";
  }
}
