import type { Io } from "../io.ts";

/** Puts text into a colour or weight, or leaves it as it is where colours aren't wanted. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Colours only where a person reads, and not where NO_COLOR is set (https://no-color.org). */
export function paintFor({ isTTY, stdoutIsTTY = false, env }: Io, channel: "stdout" | "stderr"): Paint {
  const on = (channel === "stdout" ? stdoutIsTTY : isTTY) && !env["NO_COLOR"];
  const code = (open: number, close: number) => (text: string) => (on ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39), yellow: code(33, 39) };
}
