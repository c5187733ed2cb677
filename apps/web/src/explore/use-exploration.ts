import { useQuery } from "@tanstack/react-query";
import type { ColumnData, ColumnsData, TagData } from "@winnow/contract";
import { useMemo } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { type Column, textAt } from "../columns/column.ts";
import { searchNames } from "../columns/name-search.ts";
import { tagBytes } from "../columns/tag-bytes.ts";
import { useDataset } from "../dataset/use-dataset.ts";
import { useColumnValues, useColumns } from "../columns/use-columns.ts";
import { type Chosen, chosenOf } from "../selection/chosen.ts";
import { readChoice } from "../selection/kept-choice.ts";
import { type Colouring, columnColouring, plainColouring, tagColouring } from "./colouring.ts";
import { matching } from "./conditions.ts";
import { type Group, grouped } from "./grouping.ts";
import { ordered } from "./ordering.ts";
import type { ViewState } from "./view-state.ts";

/** How many of the most similar samples are shown. */
const likesShown = 200;
/** Names of more samples than this are only loaded when something needs them. */
const namesAtOnce = 200_000;

/** What a view shows of a dataset. */
export interface Exploration {
  readonly catalogue: ColumnsData;
  readonly samples: number;
  readonly tags: readonly TagData[];
  readonly facts: ReadonlyMap<string, ColumnData>;
  readonly columns: ReadonlyMap<string, Column>;
  /** Samples that meet all conditions, ascending. */
  readonly matched: Uint32Array;
  /** The same, in the order and groups of the view. */
  readonly order: Uint32Array;
  readonly groups: readonly Group[];
  readonly colouring: Colouring;
  /** Column of the map that is shown. */
  readonly map: ColumnData | undefined;
  readonly coordinates: Float32Array | undefined;
  readonly chosen: Chosen;
  readonly nameOf: (ordinal: number) => string;
  /** Columns that the view needs and that are still on their way. */
  readonly loading: boolean;
  /** What columns there are isn't known yet. */
  readonly listing: boolean;
  /** What could not be had, for example what is alike. */
  readonly problem: unknown;
}

/** Loads and computes what a view shows; undefined until there is a first part of it. */
export function useExploration(datasetId: string, view: ViewState): { readonly exploration: Exploration | undefined; readonly error: unknown; readonly refetch: () => void } {
  const list = useColumns(datasetId);
  const dataset = useDataset(datasetId);
  const nSamples = dataset.data?.nSamples;
  // Columns of a large dataset take seconds to make after a change. Pictures needn't wait for them.
  const bare = useMemo(() => (nSamples === undefined ? undefined : { version: "", nSamples, columns: [], notices: [] }), [nSamples]);
  const catalogue = list.data ?? bare;
  const tags = useQuery({ queryKey: ["dataset", datasetId, "tags"], queryFn: ({ signal }) => call(routes.tags, { path: { datasetId }, signal }) });
  const likes = useQuery({
    queryKey: ["neighbours", datasetId, view.like, likesShown],
    queryFn: ({ signal }) => call(routes.neighbours, { path: { datasetId }, query: { ordinal: view.like!, count: likesShown }, signal }),
    enabled: view.like !== undefined,
    staleTime: 60_000,
    retry: false,
  });
  const facts = useMemo(() => new Map(catalogue?.columns.map((column) => [column.name, column])), [catalogue]);
  const maps = useMemo(() => catalogue?.columns.filter(({ group }) => group === "map") ?? [], [catalogue]);
  const map = maps.find(({ name }) => name === view.map) ?? preferred(maps);
  const wanted = [view.sort, view.group, view.colour, map?.name, ...view.conditions.map(({ column }) => column)].filter((name) => name !== undefined);
  const needsNames = view.search !== "" || view.sort === "fileName" || (catalogue !== undefined && catalogue.nSamples <= namesAtOnce);
  if (needsNames) wanted.push("fileName");
  const columns = useColumnValues(datasetId, catalogue, wanted);
  const column = (name: string | undefined) => (name === undefined ? undefined : columns.get(name));

  const names = column("fileName");
  const found = useMemo(() => (view.search !== "" && names?.kind === "text" ? searchNames(names, view.search) : undefined), [view.search, names]);
  const samples = catalogue?.nSamples ?? 0;
  const tag = tags.data?.find(({ id }) => id === view.tag);
  const tagMask = useMemo(() => tag && tagBytes(tag.bitMaskData, samples), [tag, samples]);
  const conditionText = JSON.stringify(view.conditions);
  const conditionColumns = view.conditions.map(({ column: name }) => columns.get(name));
  const likeSet = useMemo(() => {
    if (view.like === undefined || !likes.data) return undefined;
    return chosenOf(samples, [view.like, ...likes.data.ordinals]).mask;
  }, [view.like, likes.data, samples]);
  const matched = useMemo(
    () => matching(samples, view.conditions, columns, [tagMask, found, likeSet]),
    // Only the columns of the conditions matter; others come and go.
    [samples, conditionText, tagMask, found, likeSet, ...pad(conditionColumns)],
  );
  const sortColumn = column(view.sort);
  const sorted = useMemo(() => {
    if (view.like !== undefined && likes.data && view.sort === undefined) {
      const inView = new Set(matched);
      return Uint32Array.from([view.like, ...likes.data.ordinals].filter((ordinal) => inView.has(ordinal)));
    }
    return ordered(matched, sortColumn, view.descending);
  }, [matched, sortColumn, view.descending, view.like, view.sort, likes.data]);
  const groupColumn = column(view.group);
  const groupFacts = view.group === undefined ? undefined : facts.get(view.group);
  const { order, groups } = useMemo(() => (groupColumn && groupFacts ? grouped(sorted, groupColumn, groupFacts) : { order: sorted, groups: [] }), [sorted, groupColumn, groupFacts]);

  const colourColumn = column(view.colour);
  const colourTag = view.colour?.startsWith("tag.") ? tags.data?.find(({ id }) => id === view.colour!.slice(4)) : undefined;
  const colouring = useMemo(() => {
    if (colourTag) return tagColouring(tagBytes(colourTag.bitMaskData, samples), colourTag.name);
    const colourFacts = view.colour === undefined ? undefined : facts.get(view.colour);
    return (colourColumn && colourFacts && columnColouring(colourColumn, colourFacts)) || plainColouring(samples);
  }, [colourTag, colourColumn, facts, view.colour, samples]);
  const chosen = useMemo(() => readChoice(view.chosen, samples), [view.chosen, samples]);
  const points = column(map?.name);
  const coordinates = points?.kind === "points" ? points.values : undefined;
  const nameOf = useMemo(() => (names?.kind === "text" ? (ordinal: number) => textAt(names, ordinal) : (ordinal: number) => `Sample ${ordinal + 1}`), [names]);

  const exploration = useMemo<Exploration | undefined>(() => {
    if (!catalogue || !tags.data) return undefined;
    const listing = list.data === undefined;
    const loading = (listing && wanted.length > 0) || wanted.some((name) => facts.has(name) && !columns.has(name)) || (view.like !== undefined && likes.isPending);
    return { catalogue, samples, tags: tags.data, facts, columns, matched, order, groups, colouring, map, coordinates, chosen, nameOf, loading, listing, problem: likes.error };
  }, [catalogue, tags.data, samples, facts, columns, matched, order, groups, colouring, map, coordinates, chosen, nameOf, likes.isPending, likes.error, list.data, view.like, wanted.join("\n")]);
  return { exploration, error: list.error ?? tags.error, refetch: () => void Promise.all([list.refetch(), tags.refetch()]) };
}

/** UMAP shows neighbourhoods best; otherwise the newest map. */
function preferred(maps: readonly ColumnData[]): ColumnData | undefined {
  return maps.find(({ title }) => title.startsWith("UMAP")) ?? maps[0];
}

/** Dependencies of a hook must always be as many: conditions come and go. */
function pad(columns: readonly (Column | undefined)[]): (Column | undefined)[] {
  return Array.from({ length: 24 }, (_, i) => columns[i]);
}
