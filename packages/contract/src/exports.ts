/** Exports of a tag: file names, labelling tools, archives. */
import { Type, type Static } from "typebox";
import { Enumeration, domain, get } from "./model.ts";
import { SampleData } from "./samples.ts";
import { PageOffset, PageSize, RedirectedReadUrl, TaskName, Timestamp } from "./values.ts";

export const FileNameFormat = Enumeration(["NAME", "DATASOURCE_FULL", "REDIRECTED_READ_URL"]);
export type FileNameFormat = Static<typeof FileNameFormat>;

export const FileOutputFormat = Enumeration(["JSON", "PLAIN"]);
export type FileOutputFormat = Static<typeof FileOutputFormat>;

export const FilenameAndReadUrl = Type.Object({
  fileName: Type.String(),
  readUrl: Type.String(),
});
export type FilenameAndReadUrl = Static<typeof FilenameAndReadUrl>;

export const LabelBoxDataRow = Type.Object({
  externalId: Type.String(),
  imageUrl: RedirectedReadUrl,
});
export type LabelBoxDataRow = Static<typeof LabelBoxDataRow>;

export const LabelBoxDataRows = Type.Array(LabelBoxDataRow);
export type LabelBoxDataRows = Static<typeof LabelBoxDataRows>;

export const LabelStudioTaskData = Type.Object({
  image: RedirectedReadUrl,
  lightlyFileName: Type.Optional(Type.String()),
  lightlyMetaInfo: Type.Optional(SampleData),
});
export type LabelStudioTaskData = Static<typeof LabelStudioTaskData>;

export const LabelStudioTask = Type.Object({
  id: Type.Integer(),
  data: LabelStudioTaskData,
});
export type LabelStudioTask = Static<typeof LabelStudioTask>;

export const LabelStudioTasks = Type.Array(LabelStudioTask);
export type LabelStudioTasks = Static<typeof LabelStudioTasks>;

export const SamaTaskData = Type.Object({
  id: Type.Integer(),
  url: RedirectedReadUrl,
  lightlyFileName: Type.Optional(Type.String()),
  lightlyMetaInfo: Type.Optional(Type.String()),
});
export type SamaTaskData = Static<typeof SamaTaskData>;

export const SamaTask = Type.Object({
  priority: Type.Optional(Type.Integer()),
  reserve_for: Type.Optional(Type.Integer()),
  data: SamaTaskData,
});
export type SamaTask = Static<typeof SamaTask>;

export const SamaTasks = Type.Object({
  notification_email: Type.Optional(Type.String()),
  tasks_file_name: Type.Optional(Type.String()),
  tasks: Type.Array(SamaTask),
});
export type SamaTasks = Static<typeof SamaTasks>;

export const CocoImage = Type.Object({
  id: Type.Integer({ description: "Place of the sample in the dataset, from 1: the same in every export" }),
  file_name: Type.String(),
  width: Type.Optional(Type.Integer({ minimum: 1 })),
  height: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type CocoImage = Static<typeof CocoImage>;

export const CocoAnnotation = Type.Object({
  id: Type.Integer(),
  image_id: Type.Integer(),
  category_id: Type.Integer(),
  bbox: Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }),
  area: Type.Number(),
  iscrowd: Type.Literal(0),
  score: Type.Number(),
  segmentation: Type.Optional(Type.Object({ size: Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }), counts: Type.String() })),
  keypoints: Type.Optional(Type.Array(Type.Number())),
  num_keypoints: Type.Optional(Type.Integer()),
});
export type CocoAnnotation = Static<typeof CocoAnnotation>;

export const CocoCategory = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  supercategory: Type.String(),
  keypoints: Type.Optional(Type.Array(Type.String())),
  skeleton: Type.Optional(Type.Array(Type.Array(Type.Integer()))),
});
export type CocoCategory = Static<typeof CocoCategory>;

export const CocoDataSet = Type.Object({
  images: Type.Array(CocoImage),
  annotations: Type.Array(CocoAnnotation),
  categories: Type.Array(CocoCategory),
  info: Type.Object({
    description: Type.String(),
    leftOut: Type.Integer({ minimum: 0, description: "Predictions that can't be annotations: masks that don't have the pixels of their image, or are empty" }),
  }),
});
export type CocoDataSet = Static<typeof CocoDataSet>;

/** What the exports of a tag have in common. */
export const ExportQuery = Type.Object({
  expiresIn: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000, description: "Seconds for which the addresses work; 7 days unless set" })),
  accessControl: Type.Optional(Type.String({ description: "`default`: the addresses need a signed-in user; unset: they carry a public token" })),
  fileNameFormat: Type.Optional(FileNameFormat),
  includeMetaData: Type.Optional(Type.Boolean()),
  format: Type.Optional(FileOutputFormat),
  previewExample: Type.Optional(Type.Boolean({ description: "Only the first few, to show what an export looks like" })),
  pageSize: Type.Optional(PageSize),
  pageOffset: Type.Optional(PageOffset),
});
export type ExportQuery = Static<typeof ExportQuery>;

export const exports = domain({
  downloadZipOfSamplesByTagId: get("/v1/datasets/{datasetId}/tags/{tagId}/export/zip", {
    id: "download_zip_of_samples_by_tag_id",
    summary: "The images of a tag in one zip archive",
    access: "viewer",
    replies: { 200: Type.String() },
  }),
  exportTagToBasicFilenames: get("/v1/datasets/{datasetId}/tags/{tagId}/export/basic/filenames", {
    id: "export_tag_to_basic_filenames",
    summary: "File names of a tag, as text or JSON",
    access: "viewer",
    query: ExportQuery,
    replies: { 200: Type.String() },
  }),
  exportTagToLabelBoxDataRows: get("/v1/datasets/{datasetId}/tags/{tagId}/export/LabelBox/datarows", {
    id: "export_tag_to_label_box_data_rows",
    summary: "Data rows for Labelbox",
    access: "viewer",
    query: ExportQuery,
    replies: { 200: LabelBoxDataRows },
  }),
  exportTagToLabelStudioTasks: get("/v1/datasets/{datasetId}/tags/{tagId}/export/LabelStudio/tasks", {
    id: "export_tag_to_label_studio_tasks",
    summary: "Tasks for Label Studio",
    access: "viewer",
    query: ExportQuery,
    replies: { 200: LabelStudioTasks },
  }),
  exportTagToSamaTasks: get("/v1/datasets/{datasetId}/tags/{tagId}/export/Sama/tasks", {
    id: "export_tag_to_sama_tasks",
    summary: "Tasks for Sama",
    access: "viewer",
    query: ExportQuery,
    replies: { 200: SamaTasks },
  }),
  exportTagToBasicFilenamesAndReadUrls: get("/v1/datasets/{datasetId}/tags/{tagId}/export/basic/filenamesAndReadUrls", {
    id: "export_tag_to_basic_filenames_and_read_urls",
    summary: "File names of a tag with an address for each",
    access: "viewer",
    since: "1.2.25",
    query: Type.Object({ format: Type.Optional(FileOutputFormat), previewExample: Type.Optional(Type.Boolean()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(FilenameAndReadUrl) },
  }),
  exportTagToCoco: get("/v1/datasets/{datasetId}/tags/{tagId}/export/COCO", {
    id: "export_tag_to_coco",
    summary: "A COCO data set: the samples of a tag as images, predictions of a task as their annotations",
    access: "viewer",
    since: "winnow",
    query: Type.Object({
      taskName: Type.Optional(TaskName),
      predictionUUIDTimestamp: Type.Optional(Timestamp),
      scoreMin: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: "Only predictions of at least this score" })),
      previewExample: Type.Optional(Type.Boolean({ description: "Only the first few images" })),
    }),
    replies: { 200: CocoDataSet },
  }),
});
