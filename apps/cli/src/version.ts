import { createRequire } from "node:module";

/** Release of this command, from its package. */
export const VERSION = (createRequire(import.meta.url)("../package.json") as { readonly version: string }).version;
