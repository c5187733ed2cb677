import { type Command, flagName } from "../command.ts";

/** What a value is completed with: some words, names of files or folders, or nothing. */
export type Completed = readonly string[] | "file" | "folder" | undefined;

export interface CompletedFlag {
  /** With its dashes. */
  readonly name: string;
  readonly summary: string;
  /** Absent for a switch. */
  readonly value?: { readonly name: string; readonly completed: Completed };
}

/** A command, as far as completion is concerned. */
export interface Node {
  /** Words below `winnow`; none for itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly Node[];
  readonly flags: readonly CompletedFlag[];
  readonly arguments: readonly { readonly name: string; readonly completed: Completed }[];
}

const HELP: CompletedFlag = { name: "--help", summary: "print help" };

/** All commands, from the data that help and parsing come from. */
export function completionTree(commands: readonly Command[]): Node {
  const top: readonly CompletedFlag[] = [HELP, { name: "--version", summary: "print the version" }, { name: "--debug", summary: "show all there is to know about an error" }];
  return { path: [], summary: "", commands: commands.map((one) => nodeOf(one, [])), flags: top, arguments: [] };
}

/** The nodes of a tree, each before those below it. */
export function allNodes(node: Node): Node[] {
  return [node, ...node.commands.flatMap(allNodes)];
}

function nodeOf(item: Command, above: readonly string[]): Node {
  const path = [...above, item.name];
  const flags = Object.entries(item.flags ?? {}).map(([key, flag]): CompletedFlag => {
    const name = flagName(key);
    const { summary, value } = flag;
    return value === undefined ? { name, summary } : { name, summary, value: { name: value, completed: flag.choices ?? placeOf(value) } };
  });
  return {
    path,
    summary: item.summary,
    commands: (item.commands ?? []).map((one) => nodeOf(one, path)),
    flags: [...flags, HELP],
    arguments: (item.arguments ?? []).map(({ name, completes }) => ({ name, completed: completes })),
  };
}

/** The name of a flag's value tells whether it is a file. */
function placeOf(name: string): Completed {
  return name.startsWith("FILE") ? "file" : name === "DIR" ? "folder" : name === "MODEL" ? "file" : undefined;
}
