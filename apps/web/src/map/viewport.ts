/** Which part of a map is seen: a point of the map at the middle of the screen, and pixels per unit of the map. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rectangle of the map. */
export interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** Everything, with a margin of 5 %. */
export function fitting({ minX, minY, maxX, maxY }: Bounds, { width, height }: Size): Viewport {
  const scale = 0.9 * Math.min(width / (maxX - minX || 1), height / (maxY - minY || 1));
  return { x: (minX + maxX) / 2, y: (minY + maxY) / 2, scale };
}

/** Zooms so that the point of the map under a pixel stays under it. */
export function zoomedAt(view: Viewport, size: Size, pixelX: number, pixelY: number, factor: number): Viewport {
  const [x, y] = toMap(view, size, pixelX, pixelY);
  const scale = view.scale * factor;
  return { scale, x: x - (pixelX - size.width / 2) / scale, y: y + (pixelY - size.height / 2) / scale };
}

/** The map's y axis points up. */
export function toMap(view: Viewport, { width, height }: Size, pixelX: number, pixelY: number): [x: number, y: number] {
  return [view.x + (pixelX - width / 2) / view.scale, view.y - (pixelY - height / 2) / view.scale];
}

export function toScreen(view: Viewport, { width, height }: Size, x: number, y: number): [x: number, y: number] {
  return [(x - view.x) * view.scale + width / 2, height / 2 - (y - view.y) * view.scale];
}
