/** Reading and writing what others read. */
export * from "./csv-records.ts";
export { type EmbeddingsCsvProblem, EmbeddingsCsvError } from "./embeddings-error.ts";
export { type EmbeddingsHeader, checkEmbeddingsHeader, embeddingsColumns, uploadedColumns } from "./embeddings-header.ts";
export {
  type AlignOptions,
  type AlignedEmbeddings,
  type EmbeddingsRow,
  type EmbeddingsTable,
  type ReadOptions,
  readAlignedEmbeddingsCsv,
  readEmbeddingsCsv,
  scanEmbeddingsCsv,
} from "./embeddings-reader.ts";
export { type WritableRow, type WriteOptions, writeEmbeddingsCsv } from "./embeddings-writer.ts";
export { readFileNameList, writeFileNameList } from "./file-name-list.ts";
export { type LabelStudioSource, type LabelStudioTask, labelStudioTask } from "./label-studio.ts";
export { type LabelboxDataRow, labelboxDataRow } from "./labelbox.ts";
export { NpyError, type NpyMatrix, type NpyOptions, readNpy } from "./npy.ts";
export { type SamaSource, type SamaTask, samaTask } from "./sama.ts";
