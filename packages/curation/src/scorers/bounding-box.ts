/** A box by two corners, relative to the image: 0 is its left or upper edge, 1 its right or lower one. */
export class BoundingBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;

  /**
   * @param x0 left @param y0 upper @param x1 right @param y1 lower edge
   * @param options.clip cut coordinates to 0 … 1 (default) instead of refusing those outside
   * @throws RangeError when nothing is left of the box (x0 ≥ x1, y0 ≥ y1), or a coordinate is outside 0 … 1 or NaN
   * @example
   * new BoundingBox(10 / width, 20 / height, 30 / width, 40 / height); // from pixels
   */
  constructor(x0: number, y0: number, x1: number, y1: number, { clip = true }: { readonly clip?: boolean } = {}) {
    const [left, upper, right, lower] = clip ? [x0, y0, x1, y1].map((value) => Math.min(1, Math.max(0, value))) as [number, number, number, number] : [x0, y0, x1, y1];
    const shown = `(${left}, ${upper}, ${right}, ${lower})`;
    if (![left, upper, right, lower].every((value) => value >= 0 && value <= 1)) {
      throw new RangeError(`coordinates of a bounding box must be relative to the image's width and height, 0 … 1, got ${shown}`);
    }
    if (left >= right) throw new RangeError(`x0 must be smaller than x1 in the bounding box ${shown}`);
    if (upper >= lower) throw new RangeError(`y0 must be smaller than y1 in the bounding box ${shown}`);
    this.x0 = left;
    this.y0 = upper;
    this.x1 = right;
    this.y1 = lower;
  }

  /** From the left upper corner, width and height, all relative. @throws as the constructor */
  static fromXYWH(x: number, y: number, width: number, height: number): BoundingBox {
    return new BoundingBox(x, y, x + width, y + height);
  }

  /** From a YOLO label: centre, width and height, all relative. @throws as the constructor */
  static fromYoloLabel(xCenter: number, yCenter: number, width: number, height: number): BoundingBox {
    return new BoundingBox(xCenter - width / 2, yCenter - height / 2, xCenter + width / 2, yCenter + height / 2);
  }

  /** Share of the image's width. */
  get width(): number {
    return this.x1 - this.x0;
  }

  /** Share of the image's height. */
  get height(): number {
    return this.y1 - this.y0;
  }

  /** Share of the image's area. */
  get area(): number {
    return this.width * this.height;
  }
}
