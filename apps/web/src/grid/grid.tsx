import { type KeyboardEvent, type MouseEvent, memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { pictureUrl } from "../api/routes.ts";
import type { Group } from "../explore/grouping.ts";
import { type Attention, useAttention } from "../selection/attention.ts";
import type { Change, Chosen } from "../selection/chosen.ts";
import { Cell } from "./cell.tsx";
import classes from "./grid.module.css";
import { type Layout, type Line, gap, layout, linesBetween, placeBelow, topOf } from "./layout.ts";

export interface GridProps {
  readonly datasetId: string;
  /** Ordinals in the order shown. */
  readonly order: Uint32Array;
  readonly groups: readonly Group[];
  /** Wanted side of a cell, pixels. */
  readonly size: number;
  readonly chosen: Chosen;
  readonly attention: Attention;
  /** What to call a sample. */
  readonly nameOf: (ordinal: number) => string;
  /** What stands below a picture, where there is something to say. */
  readonly noteOf?: ((ordinal: number) => string | undefined) | undefined;
  readonly onChoose: (ordinals: Uint32Array, change: Change) => void;
  readonly onOpen: (ordinal: number) => void;
  readonly onZoom: (factor: number) => void;
}

/** Browsers can't make anything higher than some ten million pixels; beyond, a scrollbar stands for more than it is high. */
const heightMax = 6_000_000;
/** Pixels above and below what is seen that are drawn already. */
const ahead = 500;
/** While somebody races past thousands of pictures, none is asked for. */
const raceMs = 120;

/**
 * All samples as a grid of pictures of which only those that are seen exist. The scroller is as high as all of them, or
 * as browsers allow; what is seen stands in a window that stays where it is, and moves within.
 */
export function Grid({ datasetId, order, groups, size, chosen, attention, nameOf, noteOf, onChoose, onOpen, onZoom }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<{ width: number; height: number }>();
  const arranged = useMemo(() => layout(order.length, groups, Math.max(40, (room?.width ?? 600) - 16), size), [order.length, groups, room?.width, size]);
  const [active, setActive] = useState(-1);
  const anchor = useRef(0);
  const scroll = useScroll(scroller, track, arranged, room?.height ?? 0);

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setRoom((now) => (now?.width === element.clientWidth && now.height === element.clientHeight ? now : { width: element.clientWidth, height: element.clientHeight }));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useEffect(() => setActive((now) => Math.min(now, order.length - 1)), [order]);

  const lines = room ? linesBetween(arranged, scroll.from, scroll.to) : [];
  const cellSide = arranged.pitch - gap;
  // One of few sizes, so that a browser that has a picture needn't load it again for a cell that is a little larger.
  const pictureSize = [64, 128, 256].find((one) => one >= cellSide * Math.min(2, window.devicePixelRatio || 1)) ?? 512;

  const moveTo = useCallback(
    (place: number, extend: boolean) => {
      const next = Math.max(0, Math.min(order.length - 1, place));
      setActive(next);
      scroll.reveal(topOf(arranged, next), arranged.pitch);
      if (extend) onChoose(order.slice(Math.min(anchor.current, next), Math.max(anchor.current, next) + 1), "add");
      else anchor.current = next;
    },
    [order, arranged, scroll, onChoose],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    if (order.length === 0) return;
    const rowsSeen = Math.max(1, Math.floor((room?.height ?? 0) / arranged.pitch) - 1);
    const at = Math.max(0, active);
    const moves: Readonly<Record<string, () => number>> = {
      ArrowRight: () => at + 1,
      ArrowLeft: () => at - 1,
      ArrowDown: () => (active < 0 ? 0 : placeBelow(arranged, at, 1)),
      ArrowUp: () => placeBelow(arranged, at, -1),
      PageDown: () => placeBelow(arranged, at, rowsSeen),
      PageUp: () => placeBelow(arranged, at, -rowsSeen),
      Home: () => 0,
      End: () => order.length - 1,
    };
    const move = moves[event.key];
    if (move) moveTo(move(), event.shiftKey);
    else if (event.key === " " && active >= 0) onChoose(order.slice(active, active + 1), "toggle");
    else if (event.key === "Enter" && active >= 0) onOpen(order[active]!);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) onChoose(order, "only");
    else if (event.key === "Escape" && chosen.count > 0) onChoose(new Uint32Array(), "only");
    else if (event.key === "+" || event.key === "=") onZoom(1.2);
    else if (event.key === "-") onZoom(1 / 1.2);
    else return;
    event.preventDefault();
  };

  const onPress = useCallback(
    (event: MouseEvent, place: number) => {
      setActive(place);
      const box = (event.target as HTMLElement).closest("[data-check]") !== null;
      if (event.shiftKey) onChoose(order.slice(Math.min(anchor.current, place), Math.max(anchor.current, place) + 1), "add");
      else if (box || event.ctrlKey || event.metaKey) onChoose(order.slice(place, place + 1), "toggle");
      else onOpen(order[place]!);
      if (!event.shiftKey) anchor.current = place;
    },
    [order, onChoose, onOpen],
  );

  return (
    <div
      ref={scroller}
      className={classes["scroller"]}
      role="listbox"
      aria-multiselectable
      aria-label={`${order.length.toLocaleString()} samples`}
      aria-activedescendant={active >= 0 ? `sample-${order[active]}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={scroll.onScroll}
      onWheel={(event) => {
        if (event.ctrlKey) onZoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
      }}
      onPointerLeave={() => attention.turnTo(undefined)}
    >
      {room && (
        <div role="presentation" style={{ height: Math.max(room.height, scroll.height) }}>
          <div role="presentation" className={classes["window"]} style={{ height: room.height }}>
            <div role="presentation" ref={track} className={classes["track"]}>
              {lines.map((line) => (
                <GridLine
                  key={line.key}
                  line={line}
                  offset={line.top - scroll.base}
                  order={order}
                  side={cellSide}
                  datasetId={datasetId}
                  pictureSize={pictureSize}
                  chosen={chosen}
                  attention={attention}
                  active={active}
                  racing={scroll.racing}
                  nameOf={nameOf}
                  noteOf={noteOf}
                  onPress={onPress}
                />
              ))}
            </div>
          </div>
        </div>
      )}
    </div>
  );
}

interface LineProps extends Pick<GridProps, "datasetId" | "order" | "chosen" | "attention" | "nameOf" | "noteOf"> {
  readonly line: Line;
  readonly offset: number;
  readonly side: number;
  readonly pictureSize: number;
  readonly active: number;
  readonly racing: boolean;
  readonly onPress: (event: MouseEvent, place: number) => void;
}

function sameLine(one: LineProps, other: LineProps): boolean {
  const holdsActive = ({ line, active }: LineProps) => "from" in line && active >= line.from && active < line.to;
  return (
    one.line.key === other.line.key &&
    ("to" in one.line ? one.line.to === (other.line as { to: number }).to : one.line.heading === (other.line as { heading: Group }).heading) &&
    one.offset === other.offset &&
    one.order === other.order &&
    one.side === other.side &&
    one.pictureSize === other.pictureSize &&
    one.chosen === other.chosen &&
    one.racing === other.racing &&
    one.nameOf === other.nameOf &&
    one.noteOf === other.noteOf &&
    one.onPress === other.onPress &&
    holdsActive(one) === holdsActive(other) &&
    (!holdsActive(one) || one.active === other.active)
  );
}

const GridLine = memo(function GridLine({ line, offset, order, side, datasetId, pictureSize, chosen, attention, active, racing, nameOf, noteOf, onPress }: LineProps) {
  const hovered = useAttention(attention, (ordinal) => (ordinal !== undefined && "from" in line && order.subarray(line.from, line.to).includes(ordinal) ? ordinal : undefined));
  if ("heading" in line) {
    const { label, from, to } = line.heading;
    return (
      <div className={classes["heading"]} style={{ transform: `translateY(${offset}px)` }}>
        <span>{label}</span>
        <span className={classes["count"]}>{(to - from).toLocaleString()}</span>
      </div>
    );
  }
  return (
    <div role="presentation" className={classes["line"]} style={{ transform: `translateY(${offset}px)`, left: 8, height: side }}>
      {Array.from(order.subarray(line.from, line.to), (ordinal, i) => (
        <Cell
          key={ordinal}
          ordinal={ordinal}
          place={line.from + i}
          of={order.length}
          side={side}
          source={pictureUrl(datasetId, ordinal, pictureSize)}
          name={nameOf(ordinal)}
          note={noteOf?.(ordinal)}
          chosen={chosen.mask[ordinal] === 1}
          active={active === line.from + i}
          hovered={hovered === ordinal}
          racing={racing}
          attention={attention}
          onPress={onPress}
        />
      ))}
    </div>
  );
}, sameLine);

interface Scroll {
  /** Height of what is scrolled, as browsers can make it. */
  readonly height: number;
  /** The stretch of the grid that exists, in its own pixels. */
  readonly from: number;
  readonly to: number;
  /** Lines stand relative to this, so that moving them is one transform. */
  readonly base: number;
  readonly racing: boolean;
  readonly onScroll: () => void;
  /** Brings a row into view. */
  readonly reveal: (top: number, rowHeight: number) => void;
}

/** Where in the grid one is. Small steps of the scrollbar are pixels of the grid; large ones are shares of it. */
function useScroll(scroller: { readonly current: HTMLDivElement | null }, track: { readonly current: HTMLDivElement | null }, arranged: Layout, room: number): Scroll {
  const height = Math.min(arranged.height + 8, heightMax);
  const farthest = Math.max(0, arranged.height + 8 - room);
  const ratio = height - room > 0 ? farthest / (height - room) : 1;
  const state = useRef({ top: 0, bar: 0, at: 0, raceTimer: 0, syncTimer: 0 });
  const [stretch, setStretch] = useState({ from: 0, to: 1500, base: 0 });
  const [racing, setRacing] = useState(false);

  const show = useCallback(() => {
    const { top } = state.current;
    setStretch((now) => {
      // Still enough of it there: only the transform changes.
      const enough = top - ahead / 2 >= now.from - 1 && top + room + ahead / 2 <= now.to + 1;
      const next = enough || (now.from === 0 && top < ahead / 2 && top + room + ahead / 2 <= now.to) ? now : { from: Math.max(0, top - ahead), to: top + room + ahead, base: Math.max(0, top - ahead) };
      return next;
    });
  }, [room]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const here = state.current;
    const bar = element.scrollTop;
    const step = bar - here.bar;
    const now = performance.now();
    const before = here.top;
    if (ratio === 1) here.top = bar;
    else if (bar <= 0) here.top = 0;
    else if (bar >= height - room - 1) here.top = farthest;
    else here.top = Math.abs(step) < 2 * room ? here.top + step : bar * ratio;
    here.top = Math.max(0, Math.min(farthest, here.top));
    here.bar = bar;
    const speed = Math.abs(here.top - before) / Math.max(1, now - here.at);
    here.at = now;
    // Some forty thousand pixels a second: nothing can be seen of it.
    if (speed > 40 || Math.abs(here.top - before) > 4 * room) {
      setRacing(true);
      window.clearTimeout(here.raceTimer);
      here.raceTimer = window.setTimeout(() => setRacing(false), raceMs);
    }
    if (ratio !== 1) {
      // The bar is put to where it belongs once it rests.
      window.clearTimeout(here.syncTimer);
      here.syncTimer = window.setTimeout(() => {
        const wanted = Math.round(here.top / ratio);
        if (Math.abs(wanted - element.scrollTop) < 2 || here.top <= 0 || here.top >= farthest) return;
        here.bar = wanted;
        element.scrollTop = wanted;
      }, 200);
    }
    show();
    place();
  }, [ratio, height, room, farthest, show]);

  const place = () => {
    if (track.current) track.current.style.transform = `translateY(${8 + Number(track.current.dataset["base"]) - state.current.top}px)`;
  };

  const reveal = useCallback(
    (top: number, rowHeight: number) => {
      const element = scroller.current;
      if (!element) return;
      const here = state.current;
      let wanted = here.top;
      if (top < here.top) wanted = Math.max(0, top - 8);
      else if (top + rowHeight + 8 > here.top + room) wanted = top + rowHeight + 8 - room;
      if (wanted === here.top) return;
      here.top = Math.max(0, Math.min(farthest, wanted));
      here.bar = Math.round(here.top / ratio);
      element.scrollTop = here.bar;
      here.bar = element.scrollTop;
      show();
      place();
    },
    [farthest, ratio, room, show],
  );

  // Another order or size: what was at the top stays there as far as that makes sense.
  useLayoutEffect(() => {
    const here = state.current;
    here.top = Math.max(0, Math.min(farthest, here.top));
    setStretch({ from: Math.max(0, here.top - ahead), to: here.top + room + ahead, base: Math.max(0, here.top - ahead) });
  }, [arranged, room, farthest]);
  useLayoutEffect(() => {
    if (!track.current) return;
    track.current.dataset["base"] = String(stretch.base);
    place();
  });
  return useMemo(() => ({ height, ...stretch, racing, onScroll, reveal }), [height, stretch, racing, onScroll, reveal]);
}
