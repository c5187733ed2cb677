import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Chromium of `CHROMIUM`, or on the path; undefined when there is none. */
export function chromiumPath() {
  const given = process.env["CHROMIUM"];
  if (given) return given;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) for (const name of names) if (folder !== "" && existsSync(join(folder, name))) return join(folder, name);
  return undefined;
}
