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
export { writeNpy } from "./npy-writer.ts";
export { type SamaSource, type SamaTask, samaTask } from "./sama.ts";
export { type CocoAnnotation, type CocoCategory, type CocoImage, type CocoSource, cocoAnnotation, cocoCategory } from "./coco-data-set.ts";
export { type CocoOptions, type CocoTaskType, convertCoco } from "./conversion/coco.ts";
export type { ConvertedPredictions } from "./conversion/converted.ts";
export { convertPredictionTable, type PredictionTableOptions } from "./conversion/prediction-table.ts";
export { readYoloLabels, readYoloNames, type YoloBox } from "./conversion/yolo.ts";
export { decodeCocoCounts, encodeCocoCounts } from "./masks/coco-counts.ts";
export { polygonRunLengths } from "./masks/polygons.ts";
export {
  MASK_PIXELS_MAX,
  areaOfRunLengths,
  boundsOfRunLengths,
  decodeRunLengths,
  encodeRunLengths,
  sizeOfRunLengths,
  transposeRunLengths,
} from "./masks/run-lengths.ts";
export { CustomMetadata, metadataConfiguration } from "./metadata/custom-metadata.ts";
export { type MetadataFile, type MetadataType, readMetadataFile } from "./metadata/metadata-file.ts";
export { type MetadataEntry, type MetadataValueType, readMetadataSchema } from "./metadata/metadata-schema.ts";
export { parseValuePath, valueAtPath } from "./metadata/value-path.ts";
export { type ImagePredictions, PredictionFileReader, predictionFileText } from "./predictions/prediction-file.ts";
export type { ClassificationSingleton, DetectionSingleton, KeypointSingleton, SegmentationSingleton, Singleton } from "./predictions/singletons.ts";
export {
  type PredictionCategory,
  type PredictionTask,
  type PredictionTaskType,
  TASK_TYPES,
  isTaskName,
  readTaskList,
  readTaskSchema,
  taskListText,
  taskSchemaText,
  taskTypeOf,
} from "./predictions/task-schema.ts";
export { type WireSingleton, type WireTaskSchema, type WireTaskType, wireSingleton, wireTaskSchema, wireTaskType } from "./predictions/wire.ts";
export { type SideFile, classification, detections, predictionFiles } from "./predictions/writing.ts";
export {
  METADATA_FOLDER,
  METADATA_SCHEMA_FILE,
  PREDICTIONS_FOLDER,
  TASKS_FILE,
  frameNameOf,
  frameOf,
  metadataFileOf,
  predictionFileOf,
  sideFileOf,
  staysBelow,
  taskSchemaFileOf,
} from "./side-files/paths.ts";
export { ConversionError, MetadataFileError, PredictionFileError, SideFileError } from "./side-files/side-file-error.ts";
export { ParquetError } from "./parquet/parquet-error.ts";
export { writeParquet } from "./parquet/write-parquet.ts";
export { type ParquetOptions, type ParquetVectors, type RandomAccess, readParquet } from "./parquet/read-parquet.ts";
