/** Decoded pixels: rows from the top, three bytes (R, G, B in 0…255) per pixel, `width × height × 3` bytes in all. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
