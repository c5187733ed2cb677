import { CheckIcon } from "@primer/octicons-react";
import { type MouseEvent, memo, useEffect, useState } from "react";
import type { Attention } from "../selection/attention.ts";
import classes from "./grid.module.css";

interface CellProps {
  readonly ordinal: number;
  readonly place: number;
  readonly of: number;
  readonly side: number;
  readonly source: string;
  readonly name: string;
  readonly note: string | undefined;
  readonly chosen: boolean;
  readonly active: boolean;
  readonly hovered: boolean;
  /** No picture is asked for yet. */
  readonly racing: boolean;
  readonly attention: Attention;
  readonly onPress: (event: MouseEvent, place: number) => void;
}

/** A sample's picture in the grid. */
export const Cell = memo(function Cell({ ordinal, place, of, side, source, name, note, chosen, active, hovered, racing, attention, onPress }: CellProps) {
  const [asked, setAsked] = useState(!racing);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (!racing) setAsked(true);
  }, [racing]);
  return (
    <div
      id={`sample-${ordinal}`}
      role="option"
      aria-selected={chosen}
      aria-label={name}
      aria-posinset={place + 1}
      aria-setsize={of}
      data-active={active}
      data-hovered={hovered}
      className={classes["cell"]}
      style={{ width: side, height: side }}
      onClick={(event) => onPress(event, place)}
      onPointerEnter={() => attention.turnTo(ordinal)}
    >
      {gone ? <span className={classes["gone"]}>{side > 90 ? name : "no picture"}</span> : asked && <img src={source} alt="" decoding="async" draggable={false} onError={() => setGone(true)} />}
      {note !== undefined && side >= 72 && <span className={classes["note"]}>{note}</span>}
      {side >= 44 && (
        <span className={classes["check"]} data-check aria-hidden>
          {chosen && <CheckIcon size={12} />}
        </span>
      )}
    </div>
  );
});
