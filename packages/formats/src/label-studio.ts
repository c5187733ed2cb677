/** What a task is made from. */
export interface LabelStudioSource<Sample = unknown> {
  /** Number of the task, from 0. */
  readonly id: number;
  /** Address from which the labelling tool loads the image. */
  readonly imageUrl: string;
  readonly fileName?: string;
  /** Everything known about the sample; left out where the export is without metadata. */
  readonly sample?: Sample;
}

export interface LabelStudioTask<Sample = unknown> {
  id: number;
  data: { image: string; lightlyFileName?: string; lightlyMetaInfo?: Sample };
}

/** One task for Label Studio. The names with `lightly` in them are the protocol's: importers' templates refer to them. */
export function labelStudioTask<Sample>({ id, imageUrl, fileName, sample }: LabelStudioSource<Sample>): LabelStudioTask<Sample> {
  return {
    id,
    data: {
      image: imageUrl,
      ...(fileName === undefined ? {} : { lightlyFileName: fileName }),
      ...(sample === undefined ? {} : { lightlyMetaInfo: sample }),
    },
  };
}
