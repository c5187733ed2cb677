import { type Completed, type Node, allNodes } from "./tree.ts";

/** A script for a folder of zsh's \`fpath\`, or to be sourced after \`compinit\`. */
export function zshCompletion(root: Node): string {
  return `#compdef winnow
# Completion of winnow for zsh. To have it in every shell, in a folder of $fpath: winnow completion zsh > ~/.zsh/completions/_winnow
${allNodes(root).reverse().map(functionOf).join("\n")}
if [ "$funcstack[1]" = _winnow ]; then _winnow "$@"; else compdef _winnow winnow; fi
`;
}

function functionOf(node: Node): string {
  const flags = node.flags.map(({ name, summary, value }) => `'${escaped(name)}[${escaped(summary)}]${value === undefined ? "" : `:${escaped(value.name)}:${action(value.completed)}`}'`);
  if (node.commands.length === 0) {
    const places = node.arguments.map(({ name, completed }, at) => `'${at + 1}:${escaped(name)}:${action(completed)}'`);
    return `${nameOf(node)}() {\n  _arguments ${[...flags, ...places].join(" \\\n    ")}\n}`;
  }
  const list = node.commands.map(({ path, summary }) => `'${path.at(-1)}:${summary.replaceAll("'", "'\\''")}'`);
  return `${nameOf(node)}() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${flags.join(" ")} '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(${list.join(" ")})
      _describe -t commands command commands
      ;;
    rest)
      case $line[1] in
${node.commands.map((one) => `        ${one.path.at(-1)}) ${nameOf(one)} ;;`).join("\n")}
      esac
      ;;
  esac
}`;
}

function nameOf({ path }: Node): string {
  return ["_winnow", ...path].join("_").replaceAll("-", "_");
}

function action(completed: Completed): string {
  if (completed === "file") return "_files";
  if (completed === "folder") return "_files -/";
  return completed === undefined ? " " : `(${completed.map(escaped).join(" ")})`;
}

/** For the specifications of _arguments, in single quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
}
