import { Command as Parser, CommanderError } from "commander";
import type { Command, Flags, Given } from "./command.ts";
import { commands } from "./commands/index.ts";
import type { Io } from "./io.ts";
import { UsageError, details, explain } from "./problems.ts";
import { VERSION } from "./version.ts";

/** Exit codes of all commands. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/**
 * Runs one command line, the words behind `winnow`. Nothing is thrown: errors become a sentence on `stderr`.
 * @returns the exit code
 */
export async function runCommandLine(words: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const program = root(io, (outcome) => (code = outcome));
  if (words.length === 0) {
    io.stdout.write(program.helpInformation());
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (io.stop.aborted) return stoppedBy(io);
    const debug = program.opts()["debug"] === true || io.env["WINNOW_DEBUG"] === "1";
    io.stderr.write(`winnow: ${debug ? details(error) : explain(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
}

/** As shells count it: 128 and the signal's number. */
function stoppedBy({ stop, stderr }: Io): number {
  stderr.write("Stopped. Run the same command again: it goes on where it was.\n");
  return stop.reason === "SIGTERM" ? 143 : 130;
}

function root(io: Io, finish: (code: number) => void): Parser {
  const program = new Parser("winnow")
    .description("Winnow finds the few images of a collection that are worth labelling.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--debug", "show all there is to know about an error (as WINNOW_DEBUG=1 does)")
    .helpCommand(false);
  for (const item of commands) program.addCommand(parserOf(item, io, finish));
  program.addHelpText("after", "\n`winnow COMMAND --help` tells more about one of them.");
  return equipped(program, io);
}

function parserOf(item: Command, io: Io, finish: (code: number) => void): Parser {
  const parser = equipped(new Parser(item.name), io).description(item.summary).helpCommand(false);
  for (const one of item.arguments ?? []) parser.argument(one.optional ? `[${one.name}]` : `<${one.name}>`, one.summary);
  for (const [key, flag] of Object.entries(item.flags ?? {})) {
    const name = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    parser.option(flag.value === undefined ? name : `${name} <${flag.value}>`, flag.summary, (text: string, before: unknown) => (flag.parse ? flag.parse(text, before) : text), flag.initial);
  }
  for (const child of item.commands ?? []) parser.addCommand(parserOf(child, io, finish));
  if (item.notes !== undefined) parser.addHelpText("after", `\n${item.notes}`);
  if (item.examples !== undefined) parser.addHelpText("after", `\nExamples:\n${item.examples.map((example) => `  ${example}`).join("\n")}`);
  const { run } = item;
  if (run !== undefined) {
    parser.action(async () => {
      const given = { flags: parser.opts(), arguments: parser.args } as Given<Flags>;
      finish((await run(given, io)) ?? EXIT.ok);
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
