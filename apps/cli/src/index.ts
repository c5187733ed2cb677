/** The command line, for programs: run a line without a process of its own. */
export type { Io, Output } from "./io.ts";
export { EXIT, runCommandLine } from "./program.ts";
