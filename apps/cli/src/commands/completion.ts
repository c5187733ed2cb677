import { command } from "../command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { completionTree } from "../completion/tree.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { UsageError } from "../problems.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const names = Object.keys(SHELLS) as readonly (keyof typeof SHELLS)[];

export const completion = command({
  name: "completion",
  group: "Other",
  summary: "print a script that completes commands, flags and values in your shell",
  arguments: [{ name: "SHELL", summary: names.join(", "), completes: names }],
  notes: `The script's first lines say where it goes to be there in every shell. Print it again after an update.`,
  examples: ["source <(winnow completion bash)", "winnow completion zsh > ~/.zsh/completions/_winnow", "winnow completion fish | source"],
  async run({ arguments: [shell] }, io) {
    const name = names.find((one) => one === shell);
    if (name === undefined) throw new UsageError(`SHELL must be ${names.join(", ")}, not ${JSON.stringify(shell)}.`);
    const { commands } = await import("./index.ts");
    io.stdout.write(SHELLS[name](completionTree(commands)));
  },
});
