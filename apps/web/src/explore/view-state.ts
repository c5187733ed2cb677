import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";
import type { Condition } from "./conditions.ts";

/** Everything that a link to a view must carry. */
export interface ViewState {
  readonly show: "both" | "grid" | "map";
  /** Longer side of a thumbnail's cell, pixels. */
  readonly size: number;
  readonly search: string;
  readonly tag: string | undefined;
  readonly conditions: readonly Condition[];
  readonly sort: string | undefined;
  readonly descending: boolean;
  /** Column by whose values samples stand together. */
  readonly group: string | undefined;
  readonly colour: string | undefined;
  readonly map: string | undefined;
  /** Which part of the map is seen: middle and pixels per unit, as `x,y,scale`; empty: all of it. */
  readonly at: string;
  /** Chosen samples: ranges of ordinals, or what a selection of very many is kept under. */
  readonly chosen: string;
  /** Ordinal of the sample that is looked at. */
  readonly sample: number | undefined;
  /** Ordinal of the sample whose likes are shown. */
  readonly like: number | undefined;
}

const initial: ViewState = { show: "both", size: 150, search: "", tag: undefined, conditions: [], sort: undefined, descending: false, group: undefined, colour: undefined, map: undefined, at: "", chosen: "", sample: undefined, like: undefined };

/** The state of a view, held by the address: back, forward and links work. */
export function useViewState(): readonly [ViewState, (changes: Partial<ViewState>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.toString();
  const state = useMemo(() => readView(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (changes: Partial<ViewState>) => {
      // Turning a knob is no new page; opening a sample or leaving a search is.
      const replace = !("sample" in changes || "like" in changes);
      setParameters((now) => writeView({ ...readView(now), ...changes }), { replace });
    },
    [setParameters],
  );
  return [state, change];
}

/** @returns the state in an address; what isn't understood is left out */
export function readView(parameters: URLSearchParams): ViewState {
  const show = parameters.get("show");
  const size = Number(parameters.get("size"));
  const ordinal = (name: string) => (/^\d{1,9}$/.test(parameters.get(name) ?? "") ? Number(parameters.get(name)) : undefined);
  return {
    show: show === "grid" || show === "map" ? show : "both",
    size: Number.isFinite(size) && size >= 48 && size <= 512 ? size : initial.size,
    search: parameters.get("search") ?? "",
    tag: parameters.get("tag") ?? undefined,
    conditions: parameters.getAll("where").flatMap(readCondition),
    sort: parameters.get("sort") ?? undefined,
    descending: parameters.get("order") === "down",
    group: parameters.get("group") ?? undefined,
    colour: parameters.get("colour") ?? undefined,
    map: parameters.get("map") ?? undefined,
    at: parameters.get("at") ?? "",
    chosen: parameters.get("chosen") ?? "",
    sample: ordinal("sample"),
    like: ordinal("like"),
  };
}

export function writeView(state: ViewState): URLSearchParams {
  const parameters = new URLSearchParams();
  if (state.show !== initial.show) parameters.set("show", state.show);
  if (state.size !== initial.size) parameters.set("size", String(Math.round(state.size)));
  for (const name of ["search", "tag", "sort", "group", "colour", "map", "at", "chosen", "sample", "like"] as const) if (state[name] !== undefined && state[name] !== "") parameters.set(name, String(state[name]));
  if (state.descending) parameters.set("order", "down");
  for (const condition of state.conditions) parameters.append("where", writeCondition(condition));
  return parameters;
}

/** `column~1..5`, `column~=0.2.7`; the column's name is the last thing, because it may hold anything. */
function writeCondition(condition: Condition): string {
  return "labels" in condition ? `=${condition.labels.join("_")}~${condition.column}` : `${condition.from ?? ""}..${condition.to ?? ""}~${condition.column}`;
}

function readCondition(text: string): Condition[] {
  const at = text.indexOf("~");
  if (at < 0) return [];
  const what = text.slice(0, at);
  const column = text.slice(at + 1);
  if (what.startsWith("=")) {
    const labels = what.slice(1).split("_").filter((part) => /^\d{1,5}$/.test(part)).map(Number);
    return [{ column, labels }];
  }
  const range = /^(-?[\d.e+-]*?)\.\.(-?[\d.e+-]*)$/.exec(what);
  if (!range) return [];
  const number = (part: string | undefined) => (part === undefined || part === "" || !Number.isFinite(Number(part)) ? null : Number(part));
  return [{ column, from: number(range[1]), to: number(range[2]) }];
}
