/** The example of a whole loop, run as its readers do; its model has to learn. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "./program.ts";

it("the example of the active learning loop trains a model that gets better than chance, and finds the rare kind", { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/run.mjs", "examples", "active-learning-loop"], { cwd: root, env: { ...process.env, NODE_OPTIONS: "" } });
  const rounds = [...stdout.matchAll(/^round (\d): (\d+) labelled \((.*)\), ([\d.]+) % of the others right$/gm)].map(([, round, labelled, kinds, right]) => ({ round: Number(round), labelled: Number(labelled), kinds: kinds!, right: Number(right) }));
  expect(rounds.map(({ labelled }) => labelled)).toEqual([8, 16, 24, 32]);
  expect(rounds.at(-1)!.right).toBeGreaterThan(90);
  expect(rounds.at(-1)!.right).toBeGreaterThan(rounds[0]!.right);
  expect(rounds.at(-1)!.kinds).not.toContain("0 rings");
});
