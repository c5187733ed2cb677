import { Drawer, LoadingOverlay, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useCallback, useMemo, useRef, useState } from "react";
import { Grid } from "../grid/grid.tsx";
import { MapPane } from "../map/map-pane.tsx";
import { SampleView } from "../sample/sample-view.tsx";
import { Attention } from "../selection/attention.ts";
import { type Change, type Chosen, changed } from "../selection/chosen.ts";
import { writeChoice } from "../selection/kept-choice.ts";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { Chips } from "./chips.tsx";
import { ChosenBar } from "./chosen-bar.tsx";
import classes from "./explore.module.css";
import { Filters } from "./filters.tsx";
import { NoMap } from "./no-map.tsx";
import { Splitter } from "./splitter.tsx";
import { Toolbar } from "./toolbar.tsx";
import { useExploration } from "./use-exploration.ts";
import { useViewState } from "./view-state.ts";

/** The whole collection: its pictures and its map, linked. */
export function ExploreScreen({ datasetId }: { readonly datasetId: string }) {
  const [view, change] = useViewState();
  const { exploration, error, refetch } = useExploration(datasetId, view);
  const attention = useMemo(() => new Attention(), []);
  const narrow = useMediaQuery("(max-width: 820px)", window.innerWidth <= 820);
  const [filtersOpen, setFiltersOpen] = useState(window.innerWidth > 1100);
  const [share, setShare] = useState(0.55);
  const before = useRef<string[]>([]);

  const latest = useRef({ chosen: exploration?.chosen, text: view.chosen, size: view.size });
  latest.current = { chosen: exploration?.chosen, text: view.chosen, size: view.size };
  const setChosen = useCallback(
    (chosen: Chosen) => {
      before.current = [...before.current.slice(-20), latest.current.text];
      change({ chosen: writeChoice(chosen) });
    },
    [change],
  );
  const onChoose = useCallback((ordinals: Uint32Array, how: Change) => latest.current.chosen && setChosen(changed(latest.current.chosen, ordinals, how)), [setChosen]);
  const onOpen = useCallback((sample: number) => change({ sample }), [change]);
  const onZoom = useCallback((factor: number) => change({ size: Math.max(48, Math.min(512, Math.round(latest.current.size * factor))) }), [change]);
  const onMove = useCallback((at: string) => change({ at }), [change]);

  if (error && !exploration) return <Problem what="The samples" error={error} retry={refetch} />;
  if (!exploration) return <Loading what="Loading the samples" />;
  if (exploration.samples === 0) return <NothingHere title="No samples yet" text="Drop images on the list of datasets, upload them with a client, or connect a datasource and run a worker on it." />;
  const show = narrow && view.show === "both" ? "grid" : view.show;
  const filters = exploration.listing ? <Loading order={2} what="Loading the filters" /> : <Filters datasetId={datasetId} exploration={exploration} view={view} change={change} />;
  return (
    <div className={classes["screen"]}>
      <VisuallyHidden component="h1">Explore</VisuallyHidden>
      <Toolbar datasetId={datasetId} exploration={exploration} view={view} change={change} filtersOpen={filtersOpen} onFilters={() => setFiltersOpen(!filtersOpen)} narrow={narrow} />
      <Chips exploration={exploration} view={view} change={change} />
      <div className={classes["body"]}>
        {filtersOpen && !narrow && (
          <aside className={classes["filters"]} aria-label="Filters" tabIndex={0}>
            {filters}
          </aside>
        )}
        <Drawer opened={filtersOpen && narrow} onClose={() => setFiltersOpen(false)} title="Filters" size="88%" padding={0}>
          {narrow && filters}
        </Drawer>
        <div className={classes["panes"]}>
          {show !== "map" && (
            <div className={classes["grid"]} style={{ width: show === "grid" ? "100%" : `${share * 100}%` }}>
              <LoadingOverlay visible={exploration.loading && view.conditions.length + (view.search === "" ? 0 : 1) > 0} zIndex={5} loaderProps={{ size: "sm" }} transitionProps={{ duration: 0 }} />
              {exploration.problem !== null && <Problem what="What is alike" error={exploration.problem} />}
              {exploration.order.length === 0 && !exploration.loading ? (
                <NothingHere order={2} title="No sample meets all conditions" text="Remove one of the conditions above." />
              ) : (
                <Grid datasetId={datasetId} order={exploration.order} groups={exploration.groups} size={view.size} chosen={exploration.chosen} attention={attention} nameOf={exploration.nameOf} onChoose={onChoose} onOpen={onOpen} onZoom={onZoom} />
              )}
            </div>
          )}
          {show === "both" && <Splitter share={share} onChange={setShare} />}
          {show !== "grid" && (
            <div className={classes["map"]}>
              {exploration.listing ? (
                <Loading order={2} what="Loading the map" />
              ) : exploration.map === undefined ? (
                <NoMap datasetId={datasetId} />
              ) : exploration.coordinates === undefined ? (
                <Loading order={2} what="Loading the map" />
              ) : (
                <MapPane
                  key={exploration.map.name}
                  datasetId={datasetId}
                  coordinates={exploration.coordinates}
                  shown={exploration.matched}
                  colouring={exploration.colouring}
                  title={exploration.map.title}
                  chosen={exploration.chosen}
                  attention={attention}
                  nameOf={exploration.nameOf}
                  at={view.at}
                  onMove={onMove}
                  onChoose={onChoose}
                  onOpen={onOpen}
                />
              )}
            </div>
          )}
          <ChosenBar
            datasetId={datasetId}
            exploration={exploration}
            change={change}
            onChosen={setChosen}
            undo={
              before.current.length === 0
                ? undefined
                : () => {
                    change({ chosen: before.current.at(-1)! });
                    before.current = before.current.slice(0, -1);
                  }
            }
          />
        </div>
      </div>
      {view.sample !== undefined && <SampleView datasetId={datasetId} exploration={exploration} ordinal={view.sample} change={change} onChoose={onChoose} />}
    </div>
  );
}
