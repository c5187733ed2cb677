import type { SampleData } from "@winnow/contract";
import type { SampleTable } from "../db/schema.ts";

const jsonColumns = { exif: "exif", metaData: "meta_data", customMetaData: "custom_meta_data", videoFrameData: "video_frame_data", cropData: "crop_data" } as const;

/** A sample as JSON text. What clients sent as JSON is stored as text and goes out untouched. */
export function sampleJson(row: SampleTable): string {
  let text = `{"id":"${row.id}","type":"${row.type}","datasetId":"${row.dataset_id}","fileName":${JSON.stringify(row.file_name)}`;
  if (row.thumb_name !== null) text += `,"thumbName":${JSON.stringify(row.thumb_name)}`;
  text += `,"index":${row.ordinal},"createdAt":${row.created_at},"lastModifiedAt":${row.last_modified_at}`;
  for (const [name, column] of Object.entries(jsonColumns)) {
    const value = row[column];
    if (value !== null) text += `,"${name}":${value}`;
  }
  return `${text}}`;
}

/** A sample as the contract describes it. */
export function sampleData(row: SampleTable): SampleData {
  return JSON.parse(sampleJson(row)) as SampleData;
}
