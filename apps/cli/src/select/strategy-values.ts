import type { Matrix, StrategyEntry, StrategyValues } from "@winnow/curation";
import { Problem } from "../problems.ts";
import { type Table, numeric } from "./table.ts";

/** What the files of a command line hold. */
export interface Sources {
  readonly points: Matrix;
  /** Of --scores. */
  readonly table: Table | undefined;
  /** Of --similar-to. */
  readonly querySet: Matrix | undefined;
}

/**
 * What a strategy's input holds, from files: EMBEDDINGS are those of the command line; a score or metadata is the column of
 * its name; a prediction is the columns `task/class`.
 * @throws Problem saying which column or option is missing
 */
export function strategyValues({ input, strategy }: StrategyEntry, { points, table, querySet }: Sources): StrategyValues | undefined {
  switch (input.type) {
    case "RANDOM":
      return undefined;
    case "EMBEDDINGS": {
      if (input.task !== null) throw new Problem(`The strategies ask for embeddings of the objects of ${input.task}; from files only those of whole images can be had.`);
      if (strategy.type !== "SIMILARITY") return { points };
      if (querySet === undefined) throw new Problem("SIMILARITY needs the embeddings of what is looked for: give them with --similar-to.");
      return { points, similarTo: querySet };
    }
    case "SCORES": {
      const numbers = numeric(column(table, input.score));
      if (numbers === undefined) throw new Problem(`The column ${input.score} of --scores must hold numbers.`);
      return { numbers };
    }
    case "METADATA": {
      const values = column(table, input.key);
      const numbers = strategy.type === "BALANCE" ? undefined : numeric(values);
      if (numbers !== undefined) return { numbers };
      const categories = [...new Set(values.filter((value) => value !== undefined))].sort();
      const codes = new Map<string | undefined, number>(categories.map((name, code) => [name, code]));
      return { categories, codes: Int32Array.from(values, (value) => codes.get(value) ?? -1) };
    }
    case "PREDICTIONS": {
      const before = `${input.task}/`;
      const classes = [...(table ?? new Map<string, never>()).keys()].filter((name) => name.startsWith(before));
      if (classes.length === 0) throw new Problem(`The strategies need predictions of ${input.task}: columns ${before}CLASS of --scores that say how often each class occurs.`);
      const counts = new Float64Array(points.rows * classes.length);
      classes.forEach((name, at) => {
        const numbers = numeric(table!.get(name)!);
        if (numbers === undefined) throw new Problem(`The column ${name} of --scores must hold numbers.`);
        numbers.forEach((number, ordinal) => {
          counts[ordinal * classes.length + at] = Number.isNaN(number) ? 0 : number;
        });
      });
      return { categories: classes.map((name) => name.slice(before.length)), counts };
    }
  }
}

function column(table: Table | undefined, name: string): readonly (string | undefined)[] {
  if (table === undefined) throw new Problem(`The strategies need the values of ${name}: give a CSV file with that column with --scores.`);
  const values = table.get(name);
  if (values === undefined) throw new Problem(`--scores has no column ${name}; its columns are ${[...table.keys()].join(", ")}.`);
  return values;
}
