import { Text } from "@mantine/core";
import { type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { pictureUrl } from "../api/routes.ts";
import { packed } from "../explore/colouring.ts";
import { useAway } from "../shell/away.tsx";
import { colourOfClass } from "./class-colours.ts";
import { paintMask } from "./run-lengths.ts";
import classes from "./sample.module.css";
import type { Prediction } from "./use-sample.ts";

interface StageProps {
  readonly datasetId: string;
  readonly ordinal: number;
  readonly name: string;
  /** Address of the full image; undefined while it isn't known, null where there is none. */
  readonly address: string | null | undefined;
  /** Pixels of the image, where they are known before it is loaded. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly predictions: readonly Prediction[];
}

interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** The image as large as it fits, with what was predicted on it; zoomed with the wheel, two fingers or double click, moved by dragging. */
export function Stage({ datasetId, ordinal, name, address, width, height, predictions }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const [natural, setNatural] = useState<{ readonly width: number; readonly height: number }>();
  const [sharp, setSharp] = useState(false);
  const [fallback, setFallback] = useState(false);
  const [gone, setGone] = useState(false);
  const [placement, setPlacement] = useState<Placement>();
  const isAway = useAway() !== undefined;
  const fingers = useRef(new Map<number, readonly [number, number]>());

  useLayoutEffect(() => {
    const element = stage.current!;
    const observer = new ResizeObserver(() => setRoom({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // What couldn't be loaded without the server is tried again with it.
  useEffect(() => {
    if (isAway) return;
    setGone(false);
    setFallback(false);
  }, [isAway]);
  const size = natural ?? (width !== undefined && height !== undefined ? { width, height } : undefined);
  const fitted = size && room.width > 0 ? fit(size, room) : undefined;
  const here = placement ?? fitted;

  const zoom = (factor: number, x: number, y: number) => {
    if (!here || !fitted) return;
    const scale = Math.max(fitted.scale * 0.9, Math.min(40, here.scale * factor));
    const change = scale / here.scale;
    setPlacement(scale <= fitted.scale ? undefined : { scale, x: x - (x - here.x) * change, y: y - (y - here.y) * change });
  };
  const latestZoom = useRef(zoom);
  latestZoom.current = zoom;
  useEffect(() => {
    const element = stage.current!;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      latestZoom.current(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const last = fingers.current.get(event.pointerId);
    if (!last || !here) return;
    const now = [event.clientX, event.clientY] as const;
    fingers.current.set(event.pointerId, now);
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const box = stage.current!.getBoundingClientRect();
      zoom(Math.hypot(now[0] - other[0], now[1] - other[1]) / Math.max(1, Math.hypot(last[0] - other[0], last[1] - other[1])), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
    } else if (placement) setPlacement({ ...placement, x: placement.x + now[0] - last[0], y: placement.y + now[1] - last[1] });
  };

  const source = fallback || address === null ? pictureUrl(datasetId, ordinal, 2048) : address;
  return (
    <div
      ref={stage}
      className={classes["stage"]}
      onPointerDown={(event) => {
        fingers.current.set(event.pointerId, [event.clientX, event.clientY]);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={(event) => fingers.current.delete(event.pointerId)}
      onPointerCancel={(event) => fingers.current.delete(event.pointerId)}
      onDoubleClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        if (placement) setPlacement(undefined);
        else zoom(3, event.clientX - box.left, event.clientY - box.top);
      }}
    >
      {gone ? (
        <Text c="dimmed" ta="center" pt="30%" px="md">
          {isAway ? "The image can't be loaded now. It comes when the server is back." : "There is no image of this sample here. What was uploaded of it is below."}
        </Text>
      ) : (
        <div className={classes["sheet"]} style={size && here ? { width: size.width, height: size.height, transform: `translate(${here.x}px, ${here.y}px) scale(${here.scale})` } : { inset: 0, width: "100%", height: "100%" }}>
          {!sharp && <img className={classes["blurred"]} src={pictureUrl(datasetId, ordinal, 256)} alt="" style={{ objectFit: size ? "fill" : "contain" }} draggable={false} />}
          {source !== undefined && (
            <img
              src={source}
              alt={name}
              draggable={false}
              style={{ objectFit: size ? "fill" : "contain", opacity: sharp ? 1 : 0, imageRendering: here && here.scale > 4 ? "pixelated" : "auto" }}
              onLoad={(event) => {
                const { naturalWidth, naturalHeight } = event.currentTarget;
                // A smaller version says nothing of the pixels that predictions mean.
                if (!fallback || width === undefined) setNatural({ width: naturalWidth, height: naturalHeight });
                setSharp(true);
              }}
              onError={() => (fallback || address === null ? setGone(true) : setFallback(true))}
            />
          )}
          {size && here && <Masks predictions={predictions} width={size.width} height={size.height} />}
          {size && here && <Shapes predictions={predictions} width={size.width} height={size.height} scale={here.scale} />}
        </div>
      )}
    </div>
  );
}

function fit(size: { readonly width: number; readonly height: number }, room: { readonly width: number; readonly height: number }): Placement {
  const margin = 12;
  const scale = Math.min((room.width - 2 * margin) / size.width, (room.height - 2 * margin) / size.height, Math.max(1, 900 / Math.max(size.width, size.height)));
  return { scale, x: (room.width - size.width * scale) / 2, y: (room.height - size.height * scale) / 2 };
}

/** Boxes and keypoints, with lines as wide on every scale. */
function Shapes({ predictions, width, height, scale }: { readonly predictions: readonly Prediction[]; readonly width: number; readonly height: number; readonly scale: number }) {
  const text = 12 / scale;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${predictions.length} predictions`}>
      {predictions.map(({ singleton, name }, i) => {
        const colour = colourOfClass(singleton.taskName, singleton.categoryId);
        if (singleton.type === "OBJECT_DETECTION") {
          const [x, y, w, h] = singleton.bbox as [number, number, number, number];
          const label = `${name} ${Math.round(singleton.score * 100)} %`;
          return (
            <g key={i}>
              <rect x={x} y={y} width={w} height={h} fill="none" stroke="#000" strokeOpacity={0.45} strokeWidth={4 / scale} />
              <rect x={x} y={y} width={w} height={h} fill={colour} fillOpacity={0.06} stroke={colour} strokeWidth={2 / scale} data-box />
              <rect x={x} y={Math.max(0, y - 1.45 * text)} width={label.length * text * 0.58 + text * 0.6} height={1.45 * text} fill={colour} />
              <text x={x + 0.3 * text} y={Math.max(0, y - 1.45 * text) + 1.07 * text} fontSize={text} fill="#fff" fontFamily="system-ui, sans-serif" fontWeight={600}>
                {label}
              </text>
            </g>
          );
        }
        if (singleton.type === "KEYPOINT_DETECTION") {
          const points = Array.from({ length: Math.floor(singleton.keypoints.length / 3) }, (_, k) => singleton.keypoints.slice(3 * k, 3 * k + 3) as [number, number, number]).filter(([, , seen]) => seen > 0);
          return (
            <g key={i}>
              {points.map(([x, y], k) => (
                <circle key={k} cx={x} cy={y} r={4.5 / scale} fill={colour} stroke="#fff" strokeWidth={1.5 / scale} />
              ))}
            </g>
          );
        }
        return null;
      })}
    </svg>
  );
}

const pixelsMax = 64e6;

function Masks({ predictions, width, height }: { readonly predictions: readonly Prediction[]; readonly width: number; readonly height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const masks = predictions.filter(({ singleton }) => singleton.type === "INSTANCE_SEGMENTATION");
  const drawn = masks.length > 0 && width * height <= pixelsMax;
  useEffect(() => {
    if (!drawn) return;
    const context = canvas.current!.getContext("2d")!;
    const image = new ImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (const { singleton } of masks) if (singleton.type === "INSTANCE_SEGMENTATION") paintMask(pixels, singleton.segmentation, ((packed(colourOfClass(singleton.taskName, singleton.categoryId)) & 0xffffff) | (115 << 24)) >>> 0);
    context.putImageData(image, 0, 0);
  }, [drawn, predictions, width, height]);
  return drawn ? <canvas ref={canvas} width={width} height={height} style={{ imageRendering: "pixelated" }} aria-hidden /> : null;
}
