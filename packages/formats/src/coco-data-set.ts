/** A COCO data set for tools that train or label: images, and what models found in them as its annotations. */
import { encodeCocoCounts } from "./masks/coco-counts.ts";
import { areaOfRunLengths, boundsOfRunLengths, transposeRunLengths } from "./masks/run-lengths.ts";

export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  /** In pixels; left out where it isn't known. */
  readonly width?: number;
  readonly height?: number;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** x, y, width, height in pixels. */
  readonly bbox: readonly number[];
  readonly area: number;
  readonly iscrowd: 0;
  readonly score: number;
  /** Run lengths by columns, compressed. */
  readonly segmentation?: { readonly size: readonly [height: number, width: number]; readonly counts: string };
  /** x, y and visibility (0: not there, 2: seen) of each point. */
  readonly keypoints?: readonly number[];
  readonly num_keypoints?: number;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly supercategory: string;
  readonly keypoints?: readonly string[];
  readonly skeleton?: readonly [];
}

/** A singleton as the wire and the server have it; one without box, mask or points is none for COCO. */
export interface CocoSource {
  readonly categoryId: number;
  readonly score: number;
  readonly bbox?: readonly number[];
  /** Run lengths by rows, zeros first, with commas or spaces between them. */
  readonly segmentation?: string;
  readonly keypoints?: readonly number[];
}

/**
 * An annotation, or undefined where a singleton can't be one: a class alone, a mask that doesn't have the pixels of its
 * image (or whose image is of unknown size), an empty mask, points of which none is seen.
 */
export function cocoAnnotation(id: number, image: CocoImage, source: CocoSource): CocoAnnotation | undefined {
  const base = { id, image_id: image.id, category_id: source.categoryId };
  const rest = { iscrowd: 0, score: source.score } as const;
  if (source.bbox !== undefined) return { ...base, bbox: source.bbox, area: source.bbox[2]! * source.bbox[3]!, ...rest };
  if (source.segmentation !== undefined) {
    const { width, height } = image;
    if (width === undefined || height === undefined) return undefined;
    const runs = source.segmentation.split(/[\s,]+/).filter((text) => text !== "").map(Number);
    let counts: number[];
    try {
      counts = transposeRunLengths(runs, height, width);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    const bbox = boundsOfRunLengths(runs, width);
    return bbox && { ...base, bbox, area: areaOfRunLengths(runs), ...rest, segmentation: { size: [height, width], counts: encodeCocoCounts(counts) } };
  }
  if (source.keypoints !== undefined) {
    const keypoints: number[] = [];
    let [left, top, right, bottom, seen] = [Infinity, Infinity, -Infinity, -Infinity, 0];
    for (let i = 0; i + 2 < source.keypoints.length; i += 3) {
      const [x, y, confidence] = [source.keypoints[i]!, source.keypoints[i + 1]!, source.keypoints[i + 2]!];
      if (confidence <= 0) {
        keypoints.push(0, 0, 0);
        continue;
      }
      keypoints.push(x, y, 2);
      seen++;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
    if (seen === 0) return undefined;
    return { ...base, bbox: [left, top, right - left, bottom - top], area: (right - left) * (bottom - top), ...rest, keypoints, num_keypoints: seen };
  }
  return undefined;
}

/** @param points number of key points that its annotations have; 0: it has none */
export function cocoCategory(id: number, name: string, supercategory: string, points: number): CocoCategory {
  return { id, name, supercategory, ...(points === 0 ? {} : { keypoints: Array.from({ length: points }, (_, i) => `point ${i + 1}`), skeleton: [] }) };
}
