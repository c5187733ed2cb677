import type { ImagePredictions } from "../predictions/prediction-file.ts";
import type { Singleton } from "../predictions/singletons.ts";
import type { PredictionTask } from "../predictions/task-schema.ts";
import { ConversionError } from "../side-files/side-file-error.ts";

/** What another tool's file says, as a task and its predictions: ready for `predictionFiles`. */
export interface ConvertedPredictions {
  readonly task: PredictionTask;
  /** In the order of the file; an image in which nothing was found is there with no singletons. */
  readonly images: readonly ImagePredictions[];
}

/** Texts of up to this many characters are read: close to the longest that there can be. */
export const CONVERTED_CHARACTERS_MAX = 500_000_000;

export function failingConversion(file: string) {
  return (field: string, expected: string, got: string) => new ConversionError(file, field, expected, got);
}

/** Collects singletons by image, in the order in which images are first named. */
export class ByImage {
  readonly #images = new Map<string, Singleton[]>();

  add(fileName: string, ...singletons: readonly Singleton[]): void {
    const known = this.#images.get(fileName);
    if (known === undefined) this.#images.set(fileName, [...singletons]);
    else known.push(...singletons);
  }

  has(fileName: string): boolean {
    return this.#images.has(fileName);
  }

  finish(): ImagePredictions[] {
    return Array.from(this.#images, ([fileName, singletons]) => ({ fileName, singletons }));
  }
}
