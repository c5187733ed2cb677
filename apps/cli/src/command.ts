import type { Io } from "./io.ts";
import type { Source } from "./settings.ts";

/** A flag as data: help, parsing and types come from it. The name on the command line is the key in kebab case. */
export interface Flag<Value> {
  readonly summary: string;
  /** Name of its value in help; a flag without one is a switch. */
  readonly value?: string;
  readonly initial?: Value;
  /** The values that it takes, where they are few: for completion. */
  readonly choices?: readonly string[];
  /**
   * @param before what the flag has so far: its initial value, or that of an earlier place on the same command line
   * @throws UsageError saying what is expected
   */
  parse?(text: string, before: Value | undefined): Value;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

type ValueOf<F> = F extends { readonly initial: infer Value } ? Value : F extends { readonly parse: (text: string, before: never) => infer Value } ? Value | undefined : F extends { readonly value: string } ? string | undefined : boolean | undefined;

/** What the user gave: one value per flag, and the arguments in their order. */
export interface Given<F extends Flags> {
  readonly flags: { readonly [Name in keyof F]: ValueOf<F[Name]> };
  readonly arguments: readonly (string | undefined)[];
  /** Of a command with `variables`: where a flag's or a variable's value comes from. */
  readonly sourceOf?: (name: string) => Source;
}

export interface Argument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** Takes all further words. */
  readonly variadic?: boolean;
  /** The values that it takes, or what its value names: for completion. */
  readonly completes?: "file" | "folder" | readonly string[];
}

/** A command as data. `commands/` has one file for each. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Heading in the list of commands. */
  readonly group?: string;
  readonly arguments?: readonly Argument[];
  readonly flags?: Flags;
  readonly examples?: readonly string[];
  /** Paragraphs below the flags in help. */
  readonly notes?: string;
  /** Set for one whose flags may also come from the environment and a file: the variables that it reads besides those of its flags. */
  readonly variables?: readonly string[];
  /** Whether the same command line goes on where an interrupted one was. */
  readonly resumes?: boolean;
  /** Commands below this one; then it has no `run` of its own. */
  readonly commands?: readonly Command[];
  /** @returns the exit code, 0 unless given */
  readonly run?: (given: Given<Flags>, io: Io) => Promise<number | void>;
}

/** Types `run` by the flags beside it. */
export function command<const F extends Flags = Record<never, never>>(
  facts: Omit<Command, "flags" | "run" | "commands"> & { readonly flags?: F; readonly run: (given: Given<F>, io: Io) => Promise<number | void> },
): Command {
  return facts as unknown as Command;
}

/** How a flag is written on the command line. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
