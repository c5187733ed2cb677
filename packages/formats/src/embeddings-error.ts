/**
 * What is wrong with an embeddings file:
 * - `header`: the first line doesn't follow the rules of {@link checkEmbeddingsHeader}
 * - `csv`: not CSV at all (open quote, not UTF-8)
 * - `empty-row`: a line with nothing on it
 * - `width`: a row with more or fewer fields than the header
 * - `non-finite`: a value that isn't a number, or that float32 can't hold
 * - `unknown`, `repeated`, `missing`: the row's file name isn't in the dataset, was there before, or never came
 */
export type EmbeddingsCsvProblem = "header" | "csv" | "empty-row" | "width" | "non-finite" | "unknown" | "repeated" | "missing";

/** An embeddings file that can't be read. The message is a sentence that names line and file name where there are any. */
export class EmbeddingsCsvError extends Error {
  readonly problem: EmbeddingsCsvProblem;
  /** Line of the file, from 1 (the header); absent for rows that are missing. */
  readonly line: number | undefined;
  /** File name of the row. */
  readonly fileName: string | undefined;

  constructor(problem: EmbeddingsCsvProblem, message: string, place: { readonly line?: number; readonly fileName?: string } = {}) {
    super(message);
    this.name = "EmbeddingsCsvError";
    this.problem = problem;
    this.line = place.line;
    this.fileName = place.fileName;
  }
}
