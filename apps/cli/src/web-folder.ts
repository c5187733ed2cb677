import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the built web app; undefined where it isn't installed or not built. */
export function webFolder(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve("@winnow/web/index.html")));
  } catch {
    return undefined;
  }
}
