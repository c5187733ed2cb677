import { number } from "./progress.ts";
import { visible } from "./visible.ts";

const LISTED_MAX = 20;

/** Files with the reason why something didn't work out, a line each; the first of many. Empty when there are none. */
export function named(title: string, files: readonly { readonly fileName: string; readonly reason: string }[], count = files.length): string {
  if (count === 0) return "";
  const lines = files.slice(0, LISTED_MAX).map(({ fileName, reason }) => visible(`  ${fileName}: ${reason}\n`));
  const more = count - lines.length;
  return `${title}: ${number(count)}\n${lines.join("")}${more > 0 ? `  … and ${number(more)} more (--json lists them)\n` : ""}`;
}
