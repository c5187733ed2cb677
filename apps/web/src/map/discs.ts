import { type PointIndex, runsWithin } from "./point-index.ts";
import { type PointLook, ghost, hidden } from "./raster.ts";
import { type Size, type Viewport, toMap } from "./viewport.ts";

/** Places of the index that are drawn within a view; stops beyond `most`, where what comes of it is no use. */
export function placesInView(index: PointIndex, look: PointLook, view: Viewport, size: Size, margin: number, most: number): Uint32Array | undefined {
  const [minX, maxY] = toMap(view, size, -margin, -margin);
  const [maxX, minY] = toMap(view, size, size.width + margin, size.height + margin);
  const places: number[] = [];
  for (const [from, to] of runsWithin(index, { minX, minY, maxX, maxY })) {
    for (let place = from; place < to; place++) {
      const x = index.points[2 * place]!;
      const y = index.points[2 * place + 1]!;
      if (look.colours[place] === hidden || x < minX || x > maxX || y < minY || y > maxY) continue;
      if (places.length >= most) return undefined;
      places.push(place);
    }
  }
  return Uint32Array.from(places);
}

/** Draws few points as discs, a colour at a time, what is filtered away first. */
export function drawDiscs(context: OffscreenCanvasRenderingContext2D, index: PointIndex, look: PointLook, places: Uint32Array, view: Viewport, { width, height }: Size, radius: number): void {
  const byColour = new Map<number, number[]>();
  for (const place of places) {
    const colour = look.colours[place]!;
    const list = byColour.get(colour);
    if (list) list.push(place);
    else byColour.set(colour, [place]);
  }
  for (const [colour, list] of [...byColour].toSorted(([a], [b]) => (b === ghost ? 1 : 0) - (a === ghost ? 1 : 0) || a - b)) {
    const packed = look.palette[colour]!;
    context.globalAlpha = colour === ghost ? 0.45 : 0.85;
    context.fillStyle = `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
    context.beginPath();
    const r = colour === ghost ? radius * 0.7 : radius;
    for (const place of list) {
      const x = (index.points[2 * place]! - view.x) * view.scale + width / 2;
      const y = height / 2 - (index.points[2 * place + 1]! - view.y) * view.scale;
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
    }
    context.fill();
  }
  context.globalAlpha = 1;
}

/**
 * Places whose pictures stand for what is around them: the lowest ordinal first, then whichever is far enough from those
 * taken. The same for the same view.
 * @param side of a picture, in pixels of the view
 */
export function representatives(index: PointIndex, look: PointLook, places: Uint32Array, view: Viewport, { width, height }: Size, side: number): Uint32Array {
  const taken = new Map<number, [x: number, y: number]>();
  const across = Math.ceil(width / side) + 4;
  const found: number[] = [];
  for (const place of places.toSorted((a, b) => index.ordinals[a]! - index.ordinals[b]!)) {
    if (look.colours[place] === ghost) continue;
    const x = (index.points[2 * place]! - view.x) * view.scale + width / 2;
    const y = height / 2 - (index.points[2 * place + 1]! - view.y) * view.scale;
    const cell = (Math.floor(y / side) + 2) * across + Math.floor(x / side) + 2;
    // Squares of one picture's side: only a picture in one of the nine around can be in the way.
    const free = [-across - 1, -across, -across + 1, -1, 0, 1, across - 1, across, across + 1].every((step) => {
      const other = taken.get(cell + step);
      return other === undefined || Math.abs(other[0] - x) >= side || Math.abs(other[1] - y) >= side;
    });
    if (!free) continue;
    taken.set(cell, [x, y]);
    found.push(place);
  }
  return Uint32Array.from(found);
}
