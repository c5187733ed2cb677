import type { Pixels } from "@winnow/media";
import type { Random } from "./random.ts";

/** A kind of picture. */
export interface Scene {
  /** Name of the sub-folder. */
  readonly group: string;
  /** Draws the picture with this index of its group; all that varies comes from `chance`. */
  draw(chance: Random, index: number, width: number, height: number): Pixels;
}
