/** The page about the command line is made from the commands. To write it anew: `npx vitest run apps/cli/src/commands/documentation --update=all`. */
import { expect, test } from "vitest";
import { type Command, flagName } from "../command.ts";
import { EXIT } from "../program.ts";
import { commands } from "./index.ts";

const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll("|", "\\|");
const anchor = (words: readonly string[]) => ["winnow", ...words].join("-");

function usage(item: Command, words: readonly string[]): string {
  const places = (item.arguments ?? []).map(({ name, optional, variadic }) => (optional ? `[${name}${variadic ? "…" : ""}]` : name));
  return ["winnow", ...words, ...places, ...(item.flags === undefined ? [] : ["[flags]"])].join(" ");
}

function section(item: Command, above: readonly string[], depth: number): string {
  const words = [...above, item.name];
  const heading = `${"#".repeat(depth)} winnow ${words.join(" ")}`;
  if (item.commands !== undefined) return [heading, `${sentence(item.summary)}`, ...item.commands.map((one) => section(one, words, depth + 1))].join("\n\n");
  const rows = [
    ...(item.arguments ?? []).map(({ name, summary }) => `| ${code(name)} | ${cell(summary)} | |`),
    ...Object.entries(item.flags ?? {}).map(([key, { summary, value, initial }]) => `| ${code(`${flagName(key)}${value === undefined ? "" : ` ${value}`}`)} | ${cell(summary)} | ${initial === undefined ? "" : code(String(initial))} |`),
  ];
  return [
    heading,
    sentence(item.summary),
    `\`\`\`text\n${usage(item, words)}\n\`\`\``,
    ...(rows.length === 0 ? [] : [`| | | default |\n|---|---|---|\n${rows.join("\n")}`]),
    ...(item.resumes ? ["Interrupted, the same command line goes on where it was."] : []),
    ...(item.notes === undefined ? [] : [`\`\`\`text\n${item.notes.split("\n").map((line) => line.trimEnd()).join("\n")}\n\`\`\``]),
    ...(item.examples === undefined ? [] : [`\`\`\`sh\n${item.examples.join("\n")}\n\`\`\``]),
  ].join("\n\n");
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function page(): string {
  const groups = [...new Set(commands.map(({ group }) => group!))];
  return `# The command line

One command, \`winnow\`, with a sub-command for each thing. \`winnow COMMAND --help\` says what is on this page, which is made from the same data; a test compares them. \`winnow completion\` prints a script that completes all of it in bash, zsh and fish.

## What all have in common

- **Results** go to standard output, progress and complaints to standard error. On a terminal there are colours (unless \`NO_COLOR\` is set) and a line that is written over; elsewhere every line stays, and stays the same from release to release within a major version.
- **\`--json\`** prints the result as one line of JSON and nothing else on standard output.
- **Ctrl-C** (or SIGTERM) stops a command in an orderly way, a second one at once. Where it says so below, the same command line then goes on where it was.
- **\`--debug\`** (or \`WINNOW_DEBUG=1\`) shows all there is to know about an error.

| exit code | meaning |
|---|---|
| ${EXIT.ok} | done |
| ${EXIT.failure} | it could not be done; one sentence on standard error says why and what to do |
| ${EXIT.usage} | the command line is wrong: unknown flags, values out of range, a missing token |
| ${EXIT.incomplete} | done, but not for all: the files that were left out are named |
| 130, 143 | stopped by Ctrl-C, by SIGTERM |

### The platform and your token

Commands that speak to a platform find it, and the token, in this order: the flags \`--server\` and \`--token\`; the environment; what \`winnow login\` keeps in your configuration folder, readable by you alone. A token that is kept for one platform is never sent to another; one that is given without an address goes to \`http://localhost:8080\`.

| variable | for |
|---|---|
| \`WINNOW_TOKEN\`, else \`LIGHTLY_TOKEN\` | your token |
| \`WINNOW_SERVER_LOCATION\`, else \`LIGHTLY_SERVER_LOCATION\` | address of the platform |
| \`WINNOW_DATASET\` | the dataset, by name or id, where \`--dataset\` isn't given |
| \`NO_COLOR\` | no colours |
| \`WINNOW_DEBUG=1\` | as \`--debug\` |
| \`XDG_CONFIG_HOME\`, \`XDG_STATE_HOME\`, \`XDG_CACHE_HOME\` | where logins, what \`winnow curate\` remembers, and vectors are kept |

## All commands

${groups.map((group) => `**${group}**\n\n| | |\n|---|---|\n${commands.filter((one) => one.group === group).map(({ name, summary }) => `| [${code(name)}](#${anchor([name])}) | ${cell(summary)} |`).join("\n")}`).join("\n\n")}

${commands.map((one) => section(one, [], 2)).join("\n\n")}
`;
}

test("docs/reference/command-line.md says what the commands say", async () => {
  await expect(page()).toMatchFileSnapshot(new URL("../../../../docs/reference/command-line.md", import.meta.url).pathname);
});
