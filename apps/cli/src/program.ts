import { Command as Parser, CommanderError } from "commander";
import { type Command, type Flags, type Given, flagName } from "./command.ts";
import { commands } from "./commands/index.ts";
import type { Io } from "./io.ts";
import { INCOMPLETE, UsageError, details, explain } from "./problems.ts";
import { settle } from "./settings.ts";
import { paintFor } from "./terminal/colour.ts";
import { visible } from "./terminal/visible.ts";
import { VERSION } from "./version.ts";

/** Exit codes of all commands, beside 130 and 143 of one that was stopped. */
export const EXIT = { ok: 0, failure: 1, usage: 2, incomplete: INCOMPLETE } as const;

/**
 * Runs one command line, the words behind `winnow`. Nothing is thrown: errors become a sentence on `stderr`.
 * @param list the commands that there are; tests give others
 * @returns the exit code
 */
export async function runCommandLine(words: readonly string[], io: Io, list: readonly Command[] = commands): Promise<number> {
  let code: number = EXIT.ok;
  let begun: Command | undefined;
  const program = root(list, io, { begin: (item) => (begun = item), finish: (outcome) => (code = outcome) });
  if (words.length === 0) {
    io.stdout.write(program.helpInformation());
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (io.stop.aborted) return stoppedBy(io, begun?.resumes === true);
    const debug = program.opts()["debug"] === true || io.env["WINNOW_DEBUG"] === "1";
    io.stderr.write(`${paintFor(io, "stderr").red("winnow:")} ${debug ? details(error) : visible(explain(error))}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
}

/** As shells count it: 128 and the signal's number. */
function stoppedBy({ stop, stderr }: Io, resumes: boolean): number {
  stderr.write(`Stopped.${resumes ? " Run the same command again: it goes on where it was." : ""}\n`);
  return stop.reason === "SIGTERM" ? 143 : 130;
}

/** What happens to a command line that was understood. */
interface Course {
  begin(item: Command): void;
  finish(code: number): void;
}

function root(list: readonly Command[], io: Io, course: Course): Parser {
  const program = new Parser("winnow")
    .description("Winnow finds the few images of a collection that are worth labelling.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--debug", "show all there is to know about an error (as WINNOW_DEBUG=1 does)")
    .helpCommand(false);
  for (const item of list) program.addCommand(parserOf(item, io, course));
  program.addHelpText("after", `
\`winnow COMMAND --help\` tells more about one of them.

Exit codes: ${EXIT.ok} done, ${EXIT.failure} it could not be done, ${EXIT.usage} the command line is wrong, ${EXIT.incomplete} done but some files were left out (they are named),
130 and 143 stopped.`);
  return equipped(program, io);
}

function parserOf(item: Command, io: Io, course: Course): Parser {
  const parser = equipped(new Parser(item.name), io).description(item.summary).helpCommand(false);
  if (item.group !== undefined) parser.helpGroup(item.group);
  for (const one of item.arguments ?? []) {
    const name = one.variadic ? `${one.name}...` : one.name;
    parser.argument(one.optional ? `[${name}]` : `<${name}>`, one.summary);
  }
  for (const [key, flag] of Object.entries(item.flags ?? {})) {
    const name = flagName(key);
    parser.option(flag.value === undefined ? name : `${name} <${flag.value}>`, flag.summary, (text: string, before: unknown) => (flag.parse ? flag.parse(text, before) : text), flag.initial);
  }
  for (const child of item.commands ?? []) parser.addCommand(parserOf(child, io, course));
  if (item.resumes) parser.addHelpText("after", "\nInterrupted, the same command line goes on where it was.");
  if (item.notes !== undefined) parser.addHelpText("after", `\n${item.notes}`);
  if (item.examples !== undefined) parser.addHelpText("after", `\nExamples:\n${item.examples.map((example) => `  ${example}`).join("\n")}`);
  const { run } = item;
  if (run !== undefined) {
    parser.action(async () => {
      course.begin(item);
      const parsed = { values: parser.opts(), isGiven: (key: string) => parser.getOptionValueSource(key) === "cli" };
      const settled = item.variables === undefined ? undefined : settle(item.flags ?? {}, item.variables, parsed, io);
      const given = { flags: settled?.values ?? parsed.values, arguments: parser.args, ...(settled && { sourceOf: settled.sourceOf }) } as Given<Flags>;
      course.finish((await run(given, settled ? { ...io, env: settled.env } : io)) ?? EXIT.ok);
    });
  }
  return parser;
}

/** Output, errors and exit through `io`, and help in one style. */
function equipped(parser: Parser, io: Io): Parser {
  return parser
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .showHelpAfterError("(--help tells more)")
    .configureHelp({ helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "winnow: ")),
    });
}
