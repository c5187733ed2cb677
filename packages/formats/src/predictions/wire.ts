/** Predictions as the wire has them. */
import type { Singleton } from "./singletons.ts";
import type { PredictionTask, PredictionTaskType } from "./task-schema.ts";

export type WireTaskType = Exclude<PredictionTaskType, "SEMANTIC_SEGMENTATION">;

/**
 * Protocol 1.2 knows one kind of segmentation: a semantic one goes as instances, at most one for each category. Its
 * clients would otherwise meet a type that they have no class for.
 */
export function wireTaskType(type: PredictionTaskType): WireTaskType {
  return type === "SEMANTIC_SEGMENTATION" ? "INSTANCE_SEGMENTATION" : type;
}

interface WireBase<Type extends WireTaskType> {
  type: Type;
  taskName: string;
  categoryId: number;
  score: number;
}

export type WireSingleton =
  | (WireBase<"CLASSIFICATION"> & { probabilities?: number[] })
  | (WireBase<"OBJECT_DETECTION"> & { bbox: number[]; probabilities?: number[] })
  | (WireBase<"INSTANCE_SEGMENTATION"> & { segmentation: string })
  | (WireBase<"KEYPOINT_DETECTION"> & { keypoints: number[]; probabilities?: number[] });

export interface WireTaskSchema {
  name: string;
  type: WireTaskType;
  categories: { id: number; name: string }[];
}

export function wireTaskSchema({ name, type, categories }: PredictionTask): WireTaskSchema {
  return { name, type: wireTaskType(type), categories: categories.map((category) => ({ id: category.id, name: category.name })) };
}

/**
 * A singleton for the wire, where boxes and keypoints are whole numbers: corners are rounded (so that neighbours stay
 * neighbours), confidences become 0 or 1. Run lengths are written with a space between them.
 */
export function wireSingleton(taskName: string, one: Singleton): WireSingleton {
  const base = { taskName, categoryId: one.categoryId, score: one.score };
  const probabilities = one.probabilities === undefined ? {} : { probabilities: [...one.probabilities] };
  switch (one.type) {
    case "CLASSIFICATION":
      return { type: one.type, ...base, ...probabilities };
    case "OBJECT_DETECTION": {
      const [x, y, width, height] = one.bbox;
      const [left, top] = [Math.round(x), Math.round(y)];
      return { type: one.type, ...base, bbox: [left, top, Math.round(x + width) - left, Math.round(y + height) - top], ...probabilities };
    }
    case "SEMANTIC_SEGMENTATION":
    case "INSTANCE_SEGMENTATION":
      return { type: "INSTANCE_SEGMENTATION", ...base, segmentation: one.segmentation.join(" ") };
    case "KEYPOINT_DETECTION":
      return { type: one.type, ...base, keypoints: one.keypoints.map((value) => Math.round(value)), ...probabilities };
  }
}
