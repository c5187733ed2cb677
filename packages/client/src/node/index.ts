/** Members that read or write files; loaded when first used, so that the rest runs where there are none. */
export { downloadDataset } from "./download-dataset.ts";
export { appendEmbeddings } from "./append-embeddings.ts";
export { uploadDataset } from "./upload-dataset.ts";
export { uploadEmbeddings } from "./upload-embeddings.ts";
