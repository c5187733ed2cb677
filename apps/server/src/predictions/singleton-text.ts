/** Singletons as they are stored: their JSON without type and task, which are the same for all of a task. */
import type { PredictionSingleton } from "@winnow/contract";

const first = '{"categoryId":';

/** The text of a JSON array. Each object begins with its category, and holds what the contract lists and nothing else. */
export function singletonText(singletons: readonly PredictionSingleton[]): string {
  let text = "[";
  for (const one of singletons) {
    if (text.length > 1) text += ",";
    text += `${first}${one.categoryId},"score":${one.score}`;
    if (one.cropDatasetId) text += `,"cropDatasetId":"${one.cropDatasetId}"`;
    if (one.cropSampleId) text += `,"cropSampleId":"${one.cropSampleId}"`;
    if ("bbox" in one) text += `,"bbox":${JSON.stringify(one.bbox)}`;
    if ("keypoints" in one) text += `,"keypoints":${JSON.stringify(one.keypoints)}`;
    if ("segmentation" in one) text += `,"segmentation":${JSON.stringify(one.segmentation)}`;
    if ("probabilities" in one && one.probabilities) text += `,"probabilities":${JSON.stringify(one.probabilities)}`;
    text += "}";
  }
  return `${text}]`;
}

/**
 * Makes texts of {@link singletonText} whole again. Nothing is parsed: the beginning of an object can't stand inside a
 * text of JSON, where its quotes would be escaped.
 * @returns the objects with commas between them, without the brackets around
 */
export function wholeSingletons(task: { readonly name: string; readonly type: string }): (text: string) => string {
  const whole = `{"type":${JSON.stringify(task.type)},"taskName":${JSON.stringify(task.name)},${first.slice(1)}`;
  return (text) => text.slice(1, -1).replaceAll(first, () => whole);
}
