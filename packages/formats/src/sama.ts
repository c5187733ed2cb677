/** What a task is made from. */
export interface SamaSource {
  /** Number of the task, from 0. */
  readonly id: number;
  /** Address from which the labelling tool loads the image. */
  readonly imageUrl: string;
  readonly fileName?: string;
  /** Everything known about the sample; written as JSON text, since Sama takes only texts and numbers. */
  readonly sample?: unknown;
  readonly priority?: number;
  /** Id of the labeller the task is reserved for. */
  readonly reserveFor?: number;
}

export interface SamaTask {
  priority?: number;
  reserve_for?: number;
  data: { id: number; url: string; lightlyFileName?: string; lightlyMetaInfo?: string };
}

/** One task for Sama. */
export function samaTask({ id, imageUrl, fileName, sample, priority, reserveFor }: SamaSource): SamaTask {
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(reserveFor === undefined ? {} : { reserve_for: reserveFor }),
    data: {
      id,
      url: imageUrl,
      ...(fileName === undefined ? {} : { lightlyFileName: fileName }),
      ...(sample === undefined ? {} : { lightlyMetaInfo: JSON.stringify(sample) }),
    },
  };
}
