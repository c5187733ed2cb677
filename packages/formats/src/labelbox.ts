export interface LabelboxDataRow {
  externalId: string;
  imageUrl: string;
}

/** One data row for Labelbox: the file name is its external id. */
export function labelboxDataRow({ fileName, imageUrl }: { readonly fileName: string; readonly imageUrl: string }): LabelboxDataRow {
  return { externalId: fileName, imageUrl };
}
