import { type PointerEvent, useRef } from "react";
import classes from "./explore.module.css";

/** Between two panes: dragged, or moved with the arrow keys. @param share of the first pane, 0 to 1 */
export function Splitter({ share, onChange }: { readonly share: number; readonly onChange: (share: number) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const move = (event: PointerEvent) => {
    const box = bar.current!.parentElement!.getBoundingClientRect();
    onChange(bounded((event.clientX - box.left) / box.width));
  };
  return (
    <div
      ref={bar}
      className={classes["splitter"]}
      role="separator"
      aria-label="Width of the grid"
      aria-orientation="vertical"
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={20}
      aria-valuemax={80}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && move(event)}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") onChange(bounded(share - 0.03));
        if (event.key === "ArrowRight") onChange(bounded(share + 0.03));
      }}
    />
  );
}

function bounded(share: number): number {
  return Math.max(0.2, Math.min(0.8, share));
}
