import type { RunConfiguration } from "@winnow/contract";
import type { SourceFiles } from "../files/source-files.ts";
import type { Stopwatch } from "../stages/stopwatch.ts";
import type { Videos } from "../stages/video-frames.ts";
import type { RunContext } from "./context.ts";

/** What every step of a run works with. */
export interface Workplace {
  readonly context: RunContext;
  readonly configuration: RunConfiguration;
  readonly files: SourceFiles;
  readonly videos: Videos;
  readonly watch: Stopwatch;
  /** Remarks that a reader of the report must see. */
  readonly notices: string[];
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `20261125_19h22m03s`, as tags of uploads are called; in universal time. */
export function stampOf(milliseconds: number): string {
  const [date, time] = new Date(milliseconds).toISOString().split("T") as [string, string];
  return `${date.replaceAll("-", "")}_${time.slice(0, 2)}h${time.slice(3, 5)}m${time.slice(6, 8)}s`;
}
