import { type Completed, type Node, allNodes } from "./tree.ts";

/** A script for fish's folder of completions. */
export function fishCompletion(root: Node): string {
  const nodes = allNodes(root);
  const lines = nodes.flatMap((node) => {
    const at = `-n ${quoted(`__winnow_at ${pathOf(node) === "" ? "''" : pathOf(node)}`)}`;
    return [
      ...node.commands.map(({ path, summary }) => `complete -c winnow ${at} -a ${quoted(path.at(-1)!)} -d ${quoted(summary)}`),
      ...node.flags.map(({ name, summary, value }) => `complete -c winnow ${at} -l ${name.slice(2)} ${value === undefined ? "" : `${offer(value.completed)} `}-d ${quoted(summary)}`),
      ...node.arguments.flatMap(({ name, completed }) => (completed === undefined ? [] : [`complete -c winnow ${at} ${offer(completed, false)} -d ${quoted(name)}`])),
    ];
  });
  return `# Completion of winnow for fish. To have it in every shell: winnow completion fish > ~/.config/fish/completions/winnow.fish
function __winnow_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$path/$word" ${nodes.slice(1).map(pathOf).join(" ")}
            set path "$path/$word"
        end
    end
    test "$path" = "$argv[1]"
end
complete -c winnow -f
${lines.join("\n")}
`;
}

function pathOf({ path }: Node): string {
  return path.map((word) => `/${word}`).join("");
}

function offer(completed: Completed, isFlag = true): string {
  if (completed === "file") return isFlag ? "-r -F" : "-F";
  const words = completed === "folder" ? "(__fish_complete_directories)" : completed?.join(" ");
  return [isFlag && "-x", words !== undefined && `-a ${quoted(words)}`].filter(Boolean).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
