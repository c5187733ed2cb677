import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";

export const yesFlag = { summary: "don't ask" } as const;

/**
 * Goes on only when the user really wants it.
 * @param word what is to be typed
 * @throws UsageError where nobody can answer, Problem for another answer
 */
export async function confirmed(question: string, word: string, yes: boolean, { ask }: Io): Promise<void> {
  if (yes) return;
  if (ask === undefined) throw new UsageError("Nobody can be asked here whether that is meant: give --yes.");
  const answer = await ask(`${question}\nType ${word} to go on: `);
  if (answer.trim() !== word) throw new Problem("Nothing was deleted.");
}
