import { type Colouring, steps } from "../explore/colouring.ts";
import { shortNumber } from "../explore/grouping.ts";
import classes from "./map-pane.module.css";

/** What the colours of a map mean; nothing where there is one colour. */
export function Legend({ colouring: { legend, palette } }: { readonly colouring: Colouring }) {
  if (legend.kind === "one") return null;
  if (legend.kind === "scale") {
    const name = (value: number) => (legend.time ? new Date(value).toLocaleDateString() : shortNumber(value));
    return (
      <div className={classes["legend"]}>
        <div className={classes["ramp"]} style={{ background: `linear-gradient(to right, ${steps.join(",")})` }} />
        <div style={{ display: "flex", justifyContent: "space-between", marginTop: 3 }}>
          <span>{name(legend.minimum)}</span>
          <span>{name(legend.maximum)}</span>
        </div>
      </div>
    );
  }
  return (
    <div className={classes["legend"]} tabIndex={0} role="group" aria-label="Colours">
      {legend.entries.map(({ code, label, count }) => (
        <div key={code} className={classes["entry"]}>
          <span className={classes["dot"]} style={{ background: palette[code] }} />
          <span title={label}>{label}</span>
          <span>{count.toLocaleString()}</span>
        </div>
      ))}
    </div>
  );
}
