import { ActionIcon, CloseButton, SegmentedControl, Select, Slider, TextInput, Tooltip, type ComboboxData } from "@mantine/core";
import { FilterIcon, SearchIcon, SortAscIcon, SortDescIcon } from "@primer/octicons-react";
import type { ColumnData } from "@winnow/contract";
import { useEffect, useRef, useState } from "react";
import classes from "./explore.module.css";
import { OneClickViews } from "./one-click-views.tsx";
import type { Exploration } from "./use-exploration.ts";
import type { ViewState } from "./view-state.ts";

interface ToolbarProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly view: ViewState;
  readonly change: (changes: Partial<ViewState>) => void;
  readonly filtersOpen: boolean;
  readonly onFilters: () => void;
  /** Grid and map don't fit side by side. */
  readonly narrow: boolean;
}

const groupTitles: Readonly<Record<string, string>> = { analysis: "Structure", prediction: "Predictions", customMetadata: "Metadata", metadata: "Measured", sample: "Files", score: "Scores", selection: "Selections", map: "Maps" };

/** Columns as choices, under the titles of their groups. */
function choices(columns: readonly ColumnData[]): ComboboxData {
  const titles = [...new Set(columns.map(({ group }) => group))];
  return titles.map((group) => ({ group: groupTitles[group] ?? group, items: columns.filter((column) => column.group === group).map(({ name, title }) => ({ value: name, label: title })) }));
}

/** Search, order, groups, colours and sizes. */
export function Toolbar({ datasetId, exploration, view, change, filtersOpen, onFilters, narrow }: ToolbarProps) {
  const { columns } = exploration.catalogue;
  const sortable = columns.filter(({ kind }) => kind !== "points");
  const valued = sortable.filter(({ kind }) => kind !== "text");
  const maps = columns.filter(({ group }) => group === "map");
  const colours: ComboboxData = [...choices(valued), ...(exploration.tags.length > 0 ? [{ group: "Tags", items: exploration.tags.map(({ id, name }) => ({ value: `tag.${id}`, label: name })) }] : [])];
  const show = narrow && view.show === "both" ? "grid" : view.show;
  const small = { size: "xs", clearable: true, searchable: true, comboboxProps: { width: 260, position: "bottom-start" as const } };
  return (
    <div className={classes["toolbar"]} role="toolbar" aria-label="View">
      <Tooltip label={filtersOpen ? "Hide the filters" : "Show the filters"}>
        <ActionIcon variant={filtersOpen ? "light" : "default"} color={filtersOpen ? "leaf" : "gray"} size={30} aria-label="Filters" aria-pressed={filtersOpen} onClick={onFilters}>
          <FilterIcon />
        </ActionIcon>
      </Tooltip>
      <Search value={view.search} onChange={(search) => change({ search })} />
      <OneClickViews datasetId={datasetId} exploration={exploration} change={change} />
      <div className={classes["knobs"]}>
      <Select {...small} w={150} aria-label="Sort by" placeholder={view.like === undefined ? "Sort: as added" : "Sort: most alike"} data={choices(sortable)} value={view.sort ?? null} onChange={(sort) => change({ sort: sort ?? undefined, descending: sort === null ? false : view.descending })} />
      {view.sort !== undefined && (
        <Tooltip label={view.descending ? "Largest first" : "Smallest first"}>
          <ActionIcon variant="default" size={30} aria-label={view.descending ? "Largest first; turn the order around" : "Smallest first; turn the order around"} onClick={() => change({ descending: !view.descending })}>
            {view.descending ? <SortDescIcon /> : <SortAscIcon />}
          </ActionIcon>
        </Tooltip>
      )}
      <Select {...small} w={150} aria-label="Group by" placeholder="No groups" data={choices(valued)} value={view.group ?? null} onChange={(group) => change({ group: group ?? undefined })} />
      <div className={classes["spread"]} />
      {show !== "map" && (
        <Slider className={classes["zoom"] ?? ""} w={90} size={4} thumbSize={14} min={48} max={400} label={null} thumbLabel="Size of the pictures" value={view.size} onChange={(size) => change({ size })} />
      )}
      {show !== "grid" && (
        <>
          <Select {...small} w={150} aria-label="Colour by" placeholder="One colour" data={colours} value={view.colour ?? null} onChange={(colour) => change({ colour: colour ?? undefined })} />
          {maps.length > 1 && <Select size="xs" w={{ base: 150, xl: 240 }} title={exploration.map?.title} aria-label="Map" data={maps.map(({ name, title }) => ({ value: name, label: title }))} value={exploration.map?.name ?? null} onChange={(map) => change({ map: map ?? undefined, at: "" })} allowDeselect={false} />}
        </>
      )}
      <SegmentedControl
        size="xs"
        aria-label="What to show"
        value={show}
        onChange={(next) => change({ show: next as ViewState["show"] })}
        data={[{ value: "grid", label: "Grid" }, ...(narrow ? [] : [{ value: "both", label: "Both" }]), { value: "map", label: "Map" }]}
      />
      </div>
    </div>
  );
}

const pauseMs = 160;

/** A search by file name that waits until somebody has stopped typing. */
function Search({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const set = (next: string) => {
    setText(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => onChange(next), pauseMs);
  };
  return <TextInput size="xs" className={classes["search"] ?? ""} aria-label="Search by file name" placeholder="Search by file name" leftSection={<SearchIcon size={14} />} rightSection={text === "" ? null : <CloseButton size={24} aria-label="Clear the search" onClick={() => set("")} />} value={text} onChange={(event) => set(event.currentTarget.value)} />;
}
