import type { PointerEvent } from "react";
import { numberText } from "../amounts.ts";
import classes from "./charts.module.css";

const [width, height, left, right, top, bottom] = [360, 130, 40, 8, 8, 20];

/** A curve over the picks, with a mark at the chosen size; a click or a drag moves the mark. */
export function Curve({ points, last, at, label, onMove }: { readonly points: readonly (readonly [place: number, value: number])[]; readonly last: number; readonly at: number; readonly label: string; readonly onMove: (place: number) => void }) {
  const highest = Math.max(...points.map(([, value]) => value), 0) || 1;
  const x = (place: number) => left + ((width - left - right) * (place - 1)) / Math.max(1, last - 1);
  const y = (value: number) => top + (height - top - bottom) * (1 - value / highest);
  const path = points.map(([place, value], i) => `${i === 0 ? "M" : "L"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (event.type !== "pointerdown" && event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const inside = ((event.clientX - box.left) / box.width) * width;
    onMove(Math.max(1, Math.min(last, Math.round(1 + ((inside - left) / (width - left - right)) * (last - 1)))));
  };
  const here = points.findLast(([place]) => place <= at);
  return (
    <svg
      className={classes["curve"]}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={move}
    >
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line x1={left} x2={width - right} y1={y(highest * part)} y2={y(highest * part)} stroke="var(--mantine-color-default-border)" strokeWidth={1} />
          <text x={left - 6} y={y(highest * part) + 4} textAnchor="end">
            {numberText(highest * part)}
          </text>
        </g>
      ))}
      <path d={path} fill="none" stroke="var(--winnow-chart-second, #c2660c)" strokeWidth={2} strokeLinejoin="round" />
      {at > 0 && <line x1={x(at)} x2={x(at)} y1={top} y2={height - bottom} stroke="var(--mantine-color-text)" strokeWidth={1} strokeDasharray="3 3" />}
      {here && at > 0 && <circle cx={x(at)} cy={y(here[1])} r={4} fill="var(--winnow-chart-second, #c2660c)" stroke="var(--mantine-color-body)" strokeWidth={1.5} />}
      <text x={left} y={height - 4}>
        1
      </text>
      <text x={width - right} y={height - 4} textAnchor="end">
        {numberText(last)}
      </text>
    </svg>
  );
}
