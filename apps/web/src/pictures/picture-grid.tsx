import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Picture } from "./picture.tsx";
import classes from "./pictures.module.css";

const gap = 4;
const rowsBeyond = 2;

/**
 * A grid of a great many pictures, of which only those in sight exist. Arrow keys, Home and End move between them.
 * @param ordinals in the order in which they are shown
 * @param size longer side of a cell, pixels
 * @param badge a short text in the corner of a picture
 */
export function PictureGrid({ datasetId, ordinals, size, label, badge, chosen, onChoose }: { readonly datasetId: string; readonly ordinals: Uint32Array; readonly size: number; readonly label: string; readonly badge?: (place: number) => string; readonly chosen?: number | undefined; readonly onChoose?: (place: number) => void }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ width: 0, height: 0, top: 0 });
  const [focused, setFocused] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setView({ width: element.clientWidth, height: element.clientHeight, top: element.scrollTop });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, []);
  const columns = Math.max(1, Math.floor((view.width + gap) / (size + gap)));
  const cell = columns === 1 ? size : (view.width + gap) / columns - gap;
  const rows = Math.ceil(ordinals.length / columns);
  const pitch = cell + gap;
  const from = Math.max(0, Math.floor(view.top / pitch) - rowsBeyond) * columns;
  const to = Math.min(ordinals.length, (Math.ceil((view.top + view.height) / pitch) + rowsBeyond) * columns);
  const last = ordinals.length - 1;
  const place = Math.min(focused, Math.max(0, last));

  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -place, End: last - place, PageDown: columns * Math.max(1, Math.floor(view.height / pitch)), PageUp: -columns * Math.max(1, Math.floor(view.height / pitch)) };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, place + step));
    setFocused(next);
    const top = Math.floor(next / columns) * pitch;
    const element = scroller.current!;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + cell > element.scrollTop + element.clientHeight) element.scrollTop = top + cell - element.clientHeight;
    wantsFocus.current = true;
  };
  // The picture that is to have the focus may not exist before it is scrolled to.
  const wantsFocus = useRef(false);
  useEffect(() => {
    if (!wantsFocus.current) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-place="${place}"]`);
    if (element) {
      wantsFocus.current = false;
      element.focus({ preventScroll: true });
    }
  });

  const cells = [];
  for (let at = from; at < to; at++) {
    const ordinal = ordinals[at]!;
    const text = badge?.(at);
    cells.push(
      <button
        key={ordinal}
        type="button"
        className={classes["cell"]}
        data-place={at}
        tabIndex={at === place ? 0 : -1}
        aria-pressed={at === chosen}
        style={{ left: (at % columns) * pitch, top: Math.floor(at / columns) * pitch, width: cell, height: cell }}
        onClick={() => {
          setFocused(at);
          onChoose?.(at);
        }}
      >
        <Picture datasetId={datasetId} ordinal={ordinal} size={cell} label={text === undefined ? `Sample ${ordinal}` : `${text}: sample ${ordinal}`} />
        {text !== undefined && (
          <span className={classes["badge"]} aria-hidden>
            {text}
          </span>
        )}
      </button>,
    );
  }
  return (
    <div ref={scroller} className={classes["scroller"]} role="group" aria-label={label} onKeyDown={move}>
      <div className={classes["space"]} style={{ height: Math.max(0, rows * pitch - gap) }}>
        {view.width > 0 && cells}
      </div>
    </div>
  );
}
