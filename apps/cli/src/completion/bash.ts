import { type Completed, type Node, allNodes } from "./tree.ts";

/** A script that bash (3.2 and later) sources. */
export function bashCompletion(root: Node): string {
  const nodes = allNodes(root);
  const paths = nodes.filter(({ path }) => path.length > 0).map(pathOf);
  const values = nodes.flatMap((node) => node.flags.flatMap(({ name, value }) => (value === undefined ? [] : [`    ${quoted(`${pathOf(node)} ${name}`)}) ${offer(value.completed)} return ;;`])));
  const places = nodes.map((node) => {
    const flags = node.flags.map(({ name }) => name).join(" ");
    const words = [...node.commands.map(({ path }) => path.at(-1)!), ...node.arguments.flatMap(({ completed }) => (Array.isArray(completed) ? completed : []))];
    const files = node.arguments.some(({ completed }) => completed === "file") ? "file" : node.arguments.some(({ completed }) => completed === "folder") ? "folder" : undefined;
    return `    ${quoted(pathOf(node))}) flags=${quoted(flags)} words=${quoted(words.join(" "))} places=${quoted(files ?? "")} ;;`;
  });
  return `# Completion of winnow for bash. To have it in every shell: winnow completion bash > ~/.local/share/bash-completion/completions/winnow
_winnow_words() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$1" -- "$current")
}
_winnow_files() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
}
_winnow_folders() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current")
}
_winnow() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" i flags="" words="" places=""
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${paths.map(quoted).join("|")}) path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  if [ "$previous" = "=" ]; then _winnow_files; return; fi
  case "$path $previous" in
${values.join("\n")}
  esac
  case "$path" in
${places.join("\n")}
  esac
  case "$current" in
    -*) _winnow_words "$flags" ;;
    *)
      _winnow_words "$words"
      [ "$places" = file ] && _winnow_files
      [ "$places" = folder ] && _winnow_folders
      ;;
  esac
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
  return 0
}
complete -F _winnow winnow
`;
}

function pathOf({ path }: Node): string {
  return path.map((word) => `/${word}`).join("");
}

function offer(completed: Completed): string {
  if (completed === "file") return "_winnow_files;";
  if (completed === "folder") return "_winnow_folders;";
  return completed === undefined ? "" : `_winnow_words ${quoted(completed.join(" "))};`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
