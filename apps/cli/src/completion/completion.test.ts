/** The scripts, asked by the shells themselves. Shells that aren't installed are passed over with a message. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../commands/index.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { allNodes, completionTree } from "./tree.ts";
import { zshCompletion } from "./zsh.ts";

let folder: string;
const tree = completionTree(commands);
const isThere = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;
const run = (shell: string, words: readonly string[]) => {
  const { stdout, stderr } = spawnSync(shell, words, { cwd: folder, encoding: "utf8", env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder }, timeout: 30_000 });
  return { stdout, stderr };
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-completion-"));
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "a file.csv"), "");
  writeFileSync(join(folder, "winnow.bash"), bashCompletion(tree));
  writeFileSync(join(folder, "_winnow"), zshCompletion(tree));
  writeFileSync(join(folder, "winnow.fish"), fishCompletion(tree));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is typed, the last word being completed, and what must be among the offers, or must be all of them. */
const CASES: readonly { readonly typed: readonly string[]; readonly offered: readonly string[]; readonly all?: boolean }[] = [
  { typed: ["dat"], offered: ["datasets"], all: true },
  { typed: ["datasets", ""], offered: ["ls", "create", "show", "rename", "rm"], all: true },
  { typed: ["upload", "photos", "--mode", ""], offered: ["full", "thumbnails", "metadata"], all: true },
  { typed: ["upload", "photos", "--mode", "full", "--emb"], offered: ["--embeddings", "--embedding-name"], all: true },
  { typed: ["upload", "photos", "--embeddings", "a"], offered: ["a file.csv"] },
  { typed: ["import", "predictions", "y"], offered: ["yolo"] },
  { typed: ["export", "--dataset", "ls", "label"], offered: ["label-studio", "labelbox"], all: true },
  { typed: ["completion", ""], offered: ["bash", "zsh", "fish"], all: true },
];

test("every command, flag and choice is in every script", () => {
  for (const script of [bashCompletion(tree), zshCompletion(tree), fishCompletion(tree)]) {
    for (const node of allNodes(tree)) {
      for (const word of node.path) expect(script).toContain(word);
      for (const { name, value } of node.flags) {
        expect(script).toContain(name.slice(2));
        if (Array.isArray(value?.completed)) for (const one of value.completed) expect(script).toContain(one);
      }
    }
  }
});

describe.skipIf(!isThere("bash"))("bash", () => {
  test.each(CASES)("winnow $typed", ({ typed, offered, all }) => {
    const words = ["winnow", ...typed].map((word) => `'${word}'`).join(" ");
    const { stdout, stderr } = run("bash", ["--norc", "-c", `source winnow.bash; COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _winnow; printf '%s\\n' "\${COMPREPLY[@]}"`]);
    // compopt complains outside of a completion; it is silenced there.
    expect(stderr).toBe("");
    const offers = stdout.split("\n").slice(0, -1);
    if (all) expect(offers.toSorted()).toEqual([...offered].toSorted());
    else expect(offers).toEqual(expect.arrayContaining([...offered]));
  });
});

describe.skipIf(!isThere("fish"))("fish", () => {
  test.each(CASES)("winnow $typed", ({ typed, offered, all }) => {
    const { stdout, stderr } = run("fish", ["--no-config", "-c", `source winnow.fish; complete -C ${JSON.stringify(["winnow", ...typed].join(" "))}`]);
    expect(stderr).toBe("");
    const offers = stdout.split("\n").slice(0, -1).map((line) => line.split("\t")[0]!.replace(/\\ /g, " "));
    if (all) expect(offers.toSorted()).toEqual([...offered].toSorted());
    else expect(offers).toEqual(expect.arrayContaining([...offered]));
  });
});

describe.skipIf(!isThere("zsh"))("zsh", () => {
  test("the same", () => {
    // A shell in a terminal of its own; what completion would show is taken where it is handed to the shell. Ctrl-U empties the line.
    const script = `zmodload zsh/zpty; zpty -b shell zsh -f -i
zpty -w shell 'PROMPT=; fpath=(. $fpath); autoload -U compinit; compinit -u -D; source ./_winnow'
zpty -w shell 'compadd() { local -a them; builtin compadd -O them "$@"; print -rl -- "<"$^them">" >> offers; builtin compadd "$@" }; bindkey "^I" complete-word; print -r -- rea""dy'
zpty -r shell line '*ready*'
${CASES.map(({ typed }, i) => `zpty -w -n shell $'${["winnow", ...typed].join(" ")}\\t'; for t in {1..50}; do [[ -s offers ]] && break; sleep 0.1; done; sleep 0.2; zpty -w -n shell $'\\025'; mv offers offers-${i} 2>/dev/null`).join("\n")}
zpty -d shell`;
    writeFileSync(join(folder, "ask.zsh"), script);
    run("zsh", ["-f", "ask.zsh"]);
    for (const [i, { typed, offered, all }] of CASES.entries()) {
      const { stdout } = run("cat", [`offers-${i}`]);
      const offers = [...new Set([...stdout.matchAll(/<(.*)>/g)].map(([, offer]) => offer!))];
      expect({ typed, offers: all ? offers.toSorted() : offers }).toEqual({ typed, offers: all ? [...offered].toSorted() : expect.arrayContaining([...offered]) });
    }
  });
});
