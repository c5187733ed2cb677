import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { indexPoints } from "../map/point-index.ts";
import { Scratch, drawPoints, hidden } from "../map/raster.ts";
import { fitting, toScreen } from "../map/viewport.ts";
import classes from "./pictures.module.css";

/** A group of points that is drawn in one colour. */
export interface PointGroup {
  readonly label: string;
  /** `#rrggbb`. */
  readonly colour: string;
}

/** Up to so many points each one is a disc of its own; more are drawn pixel by pixel. */
const discsMax = 6000;

/**
 * A still map of all samples, coloured by group; later groups are drawn over earlier ones.
 * @param coordinates x and y of each sample, interleaved; NaN: not on the map
 * @param groupOf index into `groups` by ordinal
 */
export function MapPicture({ coordinates, groups, groupOf, height, label }: { readonly coordinates: Float32Array; readonly groups: readonly PointGroup[]; readonly groupOf: (ordinal: number) => number; readonly height: number; readonly label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const index = useMemo(() => indexPoints(coordinates), [coordinates]);
  const scratch = useMemo(() => new Scratch(), []);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || width === 0) return;
    const ratio = Math.min(2, window.devicePixelRatio);
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    Object.assign(canvas.current!, size);
    const view = fitting(index.bounds, size);
    const palette = Uint32Array.from(groups, ({ colour }) => packed(colour));
    const member = Uint8Array.from(index.ordinals, groupOf);
    if (index.ordinals.length <= discsMax) {
      const radius = 3.2 * ratio;
      for (let group = 0; group < groups.length; group++) {
        context.fillStyle = groups[group]!.colour;
        context.globalAlpha = group === 0 ? 0.65 : 0.95;
        for (let place = 0; place < member.length; place++) {
          if (member[place] !== group) continue;
          const [x, y] = toScreen(view, size, index.points[2 * place]!, index.points[2 * place + 1]!);
          context.beginPath();
          context.arc(x, y, group === 0 ? radius * 0.8 : radius, 0, 2 * Math.PI);
          context.fill();
        }
      }
      return;
    }
    const pixels = index.ordinals.length < 100_000 ? 2 : 1;
    const image = new ImageData(size.width, size.height);
    const layer = new Uint32Array(image.data.buffer);
    const target = new OffscreenCanvas(size.width, size.height);
    const brush = target.getContext("2d")!;
    const colours = new Uint8Array(member.length);
    for (let group = 0; group < groups.length; group++) {
      let any = false;
      for (let place = 0; place < member.length; place++) {
        const mine = member[place] === group;
        any ||= mine;
        colours[place] = mine ? group : hidden;
      }
      if (!any) continue;
      // The rest is drawn fine, what matters a little larger.
      drawPoints(layer, scratch, index, { colours, palette }, view, size, group === 0 ? pixels : ((pixels + 1) as 2 | 3));
      brush.putImageData(image, 0, 0);
      context.drawImage(target, 0, 0);
    }
  }, [index, groups, groupOf, width, height, scratch]);
  return (
    <div ref={box} className={classes["map"]} style={{ height }}>
      <canvas ref={canvas} className={classes["canvas"]} role="img" aria-label={label} />
    </div>
  );
}

/** Packed ABGR of `#rrggbb`. */
function packed(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}
