import { EmbeddingsCsvError } from "./embeddings-error.ts";

/** Columns that others write between the vector and the labels; they are read over. */
const SPECIAL_COLUMNS: readonly string[] = ["masked", "selected", "al_score"];

/** What the first line of an embeddings file says. */
export interface EmbeddingsHeader {
  readonly columns: readonly string[];
  /** Positions of the vector's components among the columns, in file order. */
  readonly values: readonly number[];
  /** Position of the column `labels`. */
  readonly labels: number;
}

/**
 * Checks the header of an embeddings file: no blanks around a name, `filenames` first, a column `labels`, and between
 * the two only `embedding_<digits>` and the special columns `masked`, `selected` and `al_score`. What stands after
 * `labels` is ignored.
 * @param others further columns that may stand between them, and are read over
 * @throws EmbeddingsCsvError with problem `header`.
 */
export function checkEmbeddingsHeader(columns: readonly string[], others: readonly string[] = []): EmbeddingsHeader {
  const blank = columns.find((column) => column !== column.trim());
  if (blank !== undefined) throw bad(`column names must have no blanks around them, but there is ${JSON.stringify(blank)}`);
  if (columns[0] !== "filenames") throw bad(`the first column must be \`filenames\`, but is \`${columns[0] ?? ""}\``);
  const labels = columns.indexOf("labels");
  if (labels === -1) throw bad("there is no column `labels`");
  const values: number[] = [];
  for (let at = 1; at < labels; at++) {
    const column = columns[at]!;
    // By its beginning only, as the protocol's clients look at it.
    if (/^embedding_\d+/.test(column)) values.push(at);
    else if (!SPECIAL_COLUMNS.includes(column) && !others.includes(column)) {
      throw bad(`between \`filenames\` and \`labels\` there must be \`embedding_<number>\` columns, but there is \`${column}\``);
    }
  }
  return { columns, values, labels };
}

/** For each column, whether it belongs into an upload: the names, the vector and the labels do, by their beginning. */
export function uploadedColumns(columns: readonly string[]): boolean[] {
  return columns.map((column) => /^(filenames|embedding_\d+|labels)/.test(column));
}

/** The header that {@link writeEmbeddingsCsv} writes for vectors of this width. */
export function embeddingsColumns(width: number): string[] {
  return ["filenames", ...Array.from({ length: width }, (_, at) => `embedding_${at}`), "labels"];
}

function bad(what: string): EmbeddingsCsvError {
  return new EmbeddingsCsvError("header", `line 1: not the header of an embeddings file: ${what}`, { line: 1 });
}
