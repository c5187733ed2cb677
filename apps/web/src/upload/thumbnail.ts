export interface Prepared {
  readonly width: number;
  readonly height: number;
  readonly thumbnail: Blob;
}

const longestSide = 256;

/** Decodes an image in the browser and makes its thumbnail. @throws Error when it isn't an image that can be read */
export async function prepare(file: Blob): Promise<Prepared> {
  const full = await createImageBitmap(file);
  try {
    const { width, height } = full;
    const scale = Math.min(1, longestSide / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    context.drawImage(full, 0, 0, canvas.width, canvas.height);
    return { width, height, thumbnail: await canvas.convertToBlob({ type: "image/webp", quality: 0.85 }) };
  } finally {
    full.close();
  }
}
