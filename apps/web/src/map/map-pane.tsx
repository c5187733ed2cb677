import { ActionIcon, Tooltip, useComputedColorScheme } from "@mantine/core";
import { FocusCenterIcon, GrabberIcon, PencilIcon, SquareIcon, TasklistIcon, ZoomInIcon, ZoomOutIcon } from "@primer/octicons-react";
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { pictureUrl } from "../api/routes.ts";
import { type Colouring, packed } from "../explore/colouring.ts";
import { type Attention, useAttention } from "../selection/attention.ts";
import type { Change, Chosen } from "../selection/chosen.ts";
import { Legend } from "./legend.tsx";
import classes from "./map-pane.module.css";
import { MapPlot } from "./map-plot.ts";
import { ghost, hidden } from "./raster.ts";
import { type Viewport, toMap, toScreen, zoomedAt } from "./viewport.ts";

interface MapPaneProps {
  readonly datasetId: string;
  readonly coordinates: Float32Array;
  /** Samples that are shown; the others stand behind as shades. */
  readonly shown: Uint32Array;
  readonly colouring: Colouring;
  readonly title: string;
  readonly chosen: Chosen;
  readonly attention: Attention;
  readonly nameOf: (ordinal: number) => string;
  /** `x,y,scale` in the address; empty: everything. */
  readonly at: string;
  readonly onMove: (at: string) => void;
  readonly onChoose: (ordinals: Uint32Array, change: Change) => void;
  readonly onOpen: (ordinal: number) => void;
}

type Tool = "pan" | "lasso" | "box";

/** Pixels around a point in which the pointer is on it. */
const reachPx = 9;
const stillMs = 160;

/** The map: where samples stand by what they look like. */
export function MapPane({ datasetId, coordinates, shown, colouring, title, chosen, attention, nameOf, at, onMove, onChoose, onOpen }: MapPaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const plot = useRef<MapPlot>(undefined);
  const view = useRef<Viewport>(undefined);
  const [tool, setTool] = useState<Tool>("pan");
  const [pictures, setPictures] = useState<Uint32Array>(new Uint32Array());
  const [placed, setPlaced] = useState<number>();
  const [still, setStill] = useState(0);
  const dark = useComputedColorScheme("light") === "dark";
  const timer = useRef(0);
  const latest = useRef({ at, onMove, coordinates });
  latest.current = { at, onMove, coordinates };

  /** Pictures and rings follow the view without React. */
  const follow = useCallback(() => {
    const here = view.current;
    const size = plot.current?.size;
    if (!here || !size || !layer.current) return;
    for (const image of layer.current.children as Iterable<HTMLElement> & HTMLCollection) {
      const ordinal = Number(image.dataset["ordinal"]);
      const [x, y] = toScreen(here, size, latest.current.coordinates[2 * ordinal]!, latest.current.coordinates[2 * ordinal + 1]!);
      image.style.transform = `translate(${x - 26}px, ${y - 26}px)`;
    }
  }, []);

  const show = useCallback(
    (next: Viewport) => {
      view.current = next;
      plot.current?.setView(next, false);
      follow();
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        if (!view.current) return;
        plot.current?.setView(view.current, true);
        setStill((count) => count + 1);
        const fitted = plot.current?.fit();
        const whole = fitted !== undefined && Math.abs(fitted.scale / view.current.scale - 1) < 1e-6 && fitted.x === view.current.x && fitted.y === view.current.y;
        latest.current.onMove(whole ? "" : writeView(view.current));
      }, stillMs);
    },
    [follow],
  );

  useEffect(() => {
    const made = new MapPlot(canvas.current!, {
      onReady: (_, count) => {
        setPlaced(count);
        const first = readView(latest.current.at) ?? made.fit();
        if (first) show(first);
      },
      onPictures: setPictures,
    });
    plot.current = made;
    const element = pane.current!;
    const resize = () => {
      const before = made.size;
      made.setSize({ width: element.clientWidth, height: element.clientHeight });
      drawing.current!.width = element.clientWidth;
      drawing.current!.height = element.clientHeight;
      if (!view.current) return;
      // Everything stays everything.
      if (latest.current.at === "") view.current = made.fit() ?? view.current;
      if (before.width !== made.size.width || before.height !== made.size.height) show(view.current);
    };
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    resize();
    return () => {
      observer.disconnect();
      window.clearTimeout(timer.current);
      made.close();
      plot.current = undefined;
      view.current = undefined;
    };
  }, [show]);

  useEffect(() => plot.current?.setPoints(coordinates), [coordinates]);
  // Somebody went back, or followed a link.
  useEffect(() => {
    if (!view.current || (at !== "" && at === writeView(view.current))) return;
    const next = at === "" ? undefined : readView(at);
    if (next) show(next);
  }, [at, show]);

  const look = useMemo(() => {
    const samples = colouring.codes.length;
    const codes = new Uint8Array(samples).fill(shown.length === samples ? hidden : ghost);
    const muted = 253;
    const some = chosen.count > 0;
    for (const ordinal of shown) codes[ordinal] = some && chosen.mask[ordinal] === 0 ? muted : colouring.codes[ordinal]!;
    const palette = new Uint32Array(256);
    colouring.palette.forEach((colour, code) => (palette[code] = packed(colour)));
    palette[muted] = packed(dark ? "#59635d" : "#b4bdb7");
    palette[ghost] = packed(dark ? "#2d3430" : "#e6eae7");
    return { codes, palette };
  }, [colouring, shown, chosen, dark]);
  useEffect(() => plot.current?.setLook(look.codes, look.palette), [look, coordinates]);
  useEffect(() => {
    // Which pictures stand for the others depends on what is shown.
    if (view.current) plot.current?.setView(view.current, true);
  }, [look]);
  useLayoutEffect(follow, [pictures, follow]);

  const zoom = (factor: number, x?: number, y?: number) => {
    const here = view.current;
    const size = plot.current?.size;
    if (!here || !size) return;
    const fitted = plot.current?.fit();
    const least = (fitted?.scale ?? here.scale) * 0.4;
    const bounded = Math.max(least / here.scale, Math.min(factor, ((fitted?.scale ?? here.scale) * 20_000) / here.scale));
    show(zoomedAt(here, size, x ?? size.width / 2, y ?? size.height / 2, bounded));
  };
  useEffect(() => {
    const element = pane.current!;
    // React listens passively, and then the page would scroll or zoom with it.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  const choose = async (corners: readonly number[], change: Change) => {
    const ordinals = await plot.current?.enclosed(corners);
    if (ordinals) onChoose(ordinals, change);
  };
  const chooseView = () => {
    const here = view.current;
    const size = plot.current?.size;
    if (!here || !size) return;
    const [left, top] = toMap(here, size, 0, 0);
    const [right, bottom] = toMap(here, size, size.width, size.height);
    void choose([left, top, right, top, right, bottom, left, bottom], "only");
  };
  const gesture = useGesture({ pane, drawing, view, plot, tool, show, choose, attention, onOpen, zoom });

  const onKeyDown = (event: KeyboardEvent) => {
    const here = view.current;
    if (!here || event.target !== pane.current) return;
    const step = 60 / here.scale;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => show({ ...here, x: here.x - step }),
      ArrowRight: () => show({ ...here, x: here.x + step }),
      ArrowUp: () => show({ ...here, y: here.y + step }),
      ArrowDown: () => show({ ...here, y: here.y - step }),
      "+": () => zoom(1.4),
      "=": () => zoom(1.4),
      "-": () => zoom(1 / 1.4),
      "0": () => fit(),
      a: chooseView,
      Escape: () => onChoose(new Uint32Array(), "only"),
    };
    const act = keys[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  const fit = () => {
    const all = plot.current?.fit();
    if (all) show(all);
  };

  return (
    <div
      ref={pane}
      className={classes["pane"]}
      data-tool={tool}
      data-placed={placed}
      tabIndex={0}
      role="group"
      aria-label={`Map: ${title}. Arrow keys move it, plus and minus zoom, 0 shows all, A chooses what is seen.`}
      onKeyDown={onKeyDown}
      {...gesture}
    >
      <canvas ref={canvas} className={classes["canvas"]} aria-hidden />
      <div ref={layer} className={classes["pictures"]} aria-hidden>
        {Array.from(pictures, (ordinal) => (
          <img key={ordinal} data-ordinal={ordinal} src={pictureUrl(datasetId, ordinal, 64)} alt="" decoding="async" onError={(event) => (event.currentTarget.style.visibility = "hidden")} />
        ))}
      </div>
      <canvas ref={drawing} className={classes["drawing"]} aria-hidden />
      <HoverCard key={still} datasetId={datasetId} attention={attention} coordinates={coordinates} view={view.current} size={plot.current?.size} nameOf={nameOf} />
      <div className={classes["tools"]} role="toolbar" aria-label="Map tools">
        <Tool label="Move (drag)" active={tool === "pan"} onClick={() => setTool("pan")} icon={<GrabberIcon />} />
        <Tool label="Lasso: draw around samples (or drag with Shift)" active={tool === "lasso"} onClick={() => setTool("lasso")} icon={<PencilIcon />} />
        <Tool label="Box: drag over samples" active={tool === "box"} onClick={() => setTool("box")} icon={<SquareIcon />} />
        <Tool label="Choose all that is seen" onClick={chooseView} icon={<TasklistIcon />} />
        <Tool label="Zoom in" onClick={() => zoom(1.6)} icon={<ZoomInIcon />} />
        <Tool label="Zoom out" onClick={() => zoom(1 / 1.6)} icon={<ZoomOutIcon />} />
        <Tool label="Show all" onClick={fit} icon={<FocusCenterIcon />} />
      </div>
      <Legend colouring={colouring} />
    </div>
  );
}

function Tool({ label, icon, active, onClick }: { readonly label: string; readonly icon: React.ReactNode; readonly active?: boolean; readonly onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="md" variant={active ? "light" : "subtle"} color={active ? "leaf" : "gray"} aria-label={label} aria-pressed={active} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** The sample that the pointer is on, here or in the grid. */
function HoverCard({ datasetId, attention, coordinates, view, size, nameOf }: { readonly datasetId: string; readonly attention: Attention; readonly coordinates: Float32Array; readonly view: Viewport | undefined; readonly size: { width: number; height: number } | undefined; readonly nameOf: (ordinal: number) => string }) {
  const ordinal = useAttention(attention, (one) => one);
  if (ordinal === undefined || !view || !size || Number.isNaN(coordinates[2 * ordinal]!)) return null;
  const [x, y] = toScreen(view, size, coordinates[2 * ordinal]!, coordinates[2 * ordinal + 1]!);
  if (x < 0 || y < 0 || x > size.width || y > size.height) return null;
  const left = x + 164 > size.width ? x - 160 : x + 12;
  const top = Math.max(4, Math.min(size.height - 140, y - 60));
  return (
    <>
      <svg style={{ position: "absolute", inset: 0, width: "100%", height: "100%", pointerEvents: "none" }} aria-hidden>
        <circle cx={x} cy={y} r={8} fill="none" stroke="var(--winnow-color-hover)" strokeWidth={2.5} />
      </svg>
      <div className={classes["card"]} style={{ transform: `translate(${left}px, ${top}px)` }} aria-hidden>
        <img key={ordinal} src={pictureUrl(datasetId, ordinal, 128)} alt="" />
        <span>{nameOf(ordinal).replace(/^.*\//, "")}</span>
      </div>
    </>
  );
}

interface GestureParts {
  readonly pane: { readonly current: HTMLDivElement | null };
  readonly drawing: { readonly current: HTMLCanvasElement | null };
  readonly view: { readonly current: Viewport | undefined };
  readonly plot: { readonly current: MapPlot | undefined };
  readonly tool: Tool;
  readonly show: (view: Viewport) => void;
  readonly choose: (corners: readonly number[], change: Change) => Promise<void>;
  readonly attention: Attention;
  readonly onOpen: (ordinal: number) => void;
  readonly zoom: (factor: number, x?: number, y?: number) => void;
}

/** Dragging, drawing, pinching and pointing. */
function useGesture({ pane, drawing, view, plot, tool, show, choose, attention, onOpen, zoom }: GestureParts) {
  const state = useRef<{ kind: "pan" | "lasso" | "box"; line: number[]; moved: boolean; add: boolean; remove: boolean } | undefined>(undefined);
  const fingers = useRef(new Map<number, readonly [number, number]>());
  const asking = useRef(false);

  const placeOf = (event: PointerEvent): [number, number] => {
    const box = pane.current!.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const sketch = (line: readonly number[], box: boolean) => {
    const context = drawing.current!.getContext("2d")!;
    context.clearRect(0, 0, drawing.current!.width, drawing.current!.height);
    if (line.length < 4) return;
    context.beginPath();
    if (box) context.rect(line[0]!, line[1]!, line.at(-2)! - line[0]!, line.at(-1)! - line[1]!);
    else {
      context.moveTo(line[0]!, line[1]!);
      for (let i = 2; i < line.length; i += 2) context.lineTo(line[i]!, line[i + 1]!);
      context.closePath();
    }
    context.fillStyle = "rgb(47 111 237 / 12%)";
    context.strokeStyle = "rgb(47 111 237 / 90%)";
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  };

  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0 || (event.target as HTMLElement).closest("button")) return;
      const [x, y] = placeOf(event);
      fingers.current.set(event.pointerId, [x, y]);
      event.currentTarget.setPointerCapture(event.pointerId);
      if (fingers.current.size > 1) {
        state.current = undefined;
        sketch([], false);
        return;
      }
      const kind = tool === "pan" && event.shiftKey ? "lasso" : tool;
      state.current = { kind, line: [x, y], moved: false, add: event.ctrlKey || event.metaKey, remove: event.altKey };
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      const [x, y] = placeOf(event);
      const here = view.current;
      if (!here || !plot.current) return;
      if (fingers.current.size === 2 && fingers.current.has(event.pointerId)) {
        const [, other] = [...fingers.current].find(([id]) => id !== event.pointerId)!;
        const before = fingers.current.get(event.pointerId)!;
        const factor = Math.hypot(x - other[0], y - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
        zoom(factor, (x + other[0]) / 2, (y + other[1]) / 2);
        fingers.current.set(event.pointerId, [x, y]);
        return;
      }
      const now = state.current;
      if (!now) {
        if (asking.current || event.pointerType === "touch") return;
        asking.current = true;
        const [mx, my] = toMap(here, plot.current.size, x, y);
        void plot.current.nearest(mx, my, reachPx / here.scale).then((ordinal) => {
          asking.current = false;
          attention.turnTo(ordinal < 0 ? undefined : ordinal);
        });
        return;
      }
      const [px, py] = now.line.slice(-2) as [number, number];
      if (!now.moved && Math.hypot(x - px, y - py) < 4) return;
      now.moved = true;
      if (now.kind === "pan") {
        show({ ...here, x: here.x - (x - px) / here.scale, y: here.y + (y - py) / here.scale });
        now.line = [x, y];
      } else if (now.kind === "box") {
        now.line = [...now.line.slice(0, 2), x, y];
        sketch(now.line, true);
      } else {
        now.line.push(x, y);
        sketch(now.line, false);
      }
    },
    onPointerUp: (event: PointerEvent<HTMLDivElement>) => {
      fingers.current.delete(event.pointerId);
      const now = state.current;
      state.current = undefined;
      const here = view.current;
      const size = plot.current?.size;
      if (!now || !here || !size) return;
      const change: Change = now.add ? "add" : now.remove ? "remove" : "only";
      const [x, y] = placeOf(event);
      if (now.moved && now.kind !== "pan") {
        sketch([], false);
        const line = now.kind === "box" ? [now.line[0]!, now.line[1]!, x, now.line[1]!, x, y, now.line[0]!, y] : now.line;
        const corners: number[] = [];
        for (let i = 0; i < line.length; i += 2) corners.push(...toMap(here, size, line[i]!, line[i + 1]!));
        void choose(corners, change);
      } else if (!now.moved) {
        const [mx, my] = toMap(here, size, x, y);
        void plot.current!.nearest(mx, my, reachPx / here.scale).then((ordinal) => {
          if (ordinal >= 0) onOpen(ordinal);
        });
      }
    },
    onPointerCancel: (event: PointerEvent) => {
      fingers.current.delete(event.pointerId);
      state.current = undefined;
      sketch([], false);
    },
    onPointerLeave: () => attention.turnTo(undefined),
    onDoubleClick: (event: React.MouseEvent) => {
      if ((event.target as HTMLElement).closest("button")) return;
      const box = pane.current!.getBoundingClientRect();
      zoom(2, event.clientX - box.left, event.clientY - box.top);
    },
  };
}

function writeView({ x, y, scale }: Viewport): string {
  return [x, y, scale].map((value) => Number(value.toPrecision(7))).join(",");
}

function readView(text: string): Viewport | undefined {
  const [x, y, scale] = text.split(",").map(Number);
  return [x, y, scale].every(Number.isFinite) && scale! > 0 ? { x: x!, y: y!, scale: scale! } : undefined;
}
