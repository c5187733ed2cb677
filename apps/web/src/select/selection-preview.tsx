import { Anchor, Button, Card, NumberInput, Select, Slider, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { SelectionDraft, TagData } from "@winnow/contract";
import { type FormEvent, useDeferredValue, useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { countOf, countText, numberText, shareText } from "../amounts.ts";
import { RequestError, call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Curve } from "../charts/curve.tsx";
import { PairedBars } from "../charts/paired-bars.tsx";
import { textAt } from "../columns/column.ts";
import { useColumnValues, useColumns } from "../columns/use-columns.ts";
import { addressOfScreen } from "../dataset/dataset-page.tsx";
import { MapPicture } from "../pictures/map-picture.tsx";
import { PictureGrid } from "../pictures/picture-grid.tsx";
import { Picture } from "../pictures/picture.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem } from "../states/problem.tsx";
import { failed, said } from "../states/said.ts";
import { binning, distribution, everyOrdinal } from "../tags/distribution.ts";
import { maskOf } from "../tags/masks.ts";
import { freeName, nameProblem } from "../tags/tag-tree.ts";
import { type Picks, curvePoints, placesOf, reasonsOf } from "./draft.ts";
import { draftQueries } from "./use-draft-order.ts";
import classes from "./select.module.css";

interface Properties {
  readonly datasetId: string;
  readonly draftId: string;
  readonly samples: number;
  readonly tags: readonly TagData[];
}

/** The picks of a draft: as many of them as the slider says, in the grid, on the map, along the curve and by class. */
export function SelectionPreview({ datasetId, draftId, samples, tags }: Properties) {
  const queries = draftQueries(datasetId, draftId);
  const draft = useQuery(queries.draft);
  const picks = useQuery({ ...queries.picks(draft.data!), enabled: draft.data !== undefined });
  if (draft.error instanceof RequestError && draft.error.status === 404) return <NothingHere order={2} title="These picks are gone" text="The ten latest previews are kept, and they are yours alone. Look at the picks again." />;
  const error = draft.error ?? picks.error;
  if (error) return <Problem order={2} what="The picks" error={error} retry={() => void (draft.error ? draft.refetch() : picks.refetch())} />;
  if (!draft.data || !picks.data) return <Loading order={2} what="Loading the picks" />;
  if (picks.data.ordinals.length === 0) return <NothingHere order={2} title="Nothing was picked" text={draft.data.preselected > 0 ? "What is chosen already fulfils the wish. Ask for more, or for less distance." : "No sample fulfils the wish. Ask for less distance, or choose from another tag."} />;
  return <Picked datasetId={datasetId} draft={draft.data} picks={picks.data} samples={samples} tags={tags} />;
}

const groups = [
  { label: "Not picked", colour: "#9aa59e" },
  { label: "Chosen before", colour: "#2f6fed" },
  { label: "Picked", colour: "#c2660c" },
];

const stops: Readonly<Record<SelectionDraft["stopped"], string>> = {
  count: "as many as were wanted",
  distance: "nothing else is far enough away",
  typicality: "nothing else is typical enough",
  exhausted: "there is nothing else",
};

function Picked({ datasetId, draft, picks, samples, tags }: Pick<Properties, "datasetId" | "samples" | "tags"> & { readonly draft: SelectionDraft; readonly picks: Picks }) {
  const [parameters, setParameters] = useSearchParams();
  const most = picks.ordinals.length;
  const asked = Number(parameters.get("size") ?? Number.NaN);
  const [size, setSize] = useState(Number.isInteger(asked) && asked >= 1 && asked <= most ? asked : Math.min(most, Math.max(1, Math.round(most / 10))));
  const [looked, setLooked] = useState<number>();
  // The slider answers at once; what follows it may take a frame longer.
  const shown = useDeferredValue(size);
  const settle = (value: number) =>
    setParameters(
      (now) => {
        const next = new URLSearchParams(now);
        next.set("size", String(value));
        return next;
      },
      { replace: true },
    );
  const first = useMemo(() => picks.ordinals.subarray(0, shown), [picks, shown]);
  const radius = picks.columns.get("radius");
  const before = tags.find(({ id }) => id === draft.preselectedTagId);
  const strategies = ((draft.selection?.["strategies"] ?? []) as { strategy?: { type?: string } }[]).map(({ strategy }) => (strategy?.type ?? "A strategy").toLowerCase().replace(/^./, (letter) => letter.toUpperCase()));
  return (
    <>
      <div className={classes["bar"]}>
        <div className={classes["slider"]}>
          <Slider min={1} max={most} value={size} onChange={setSize} onChangeEnd={settle} label={null} thumbLabel="Number of picks" disabled={most === 1} />
          <NumberInput aria-label="Number of picks" min={1} max={most} clampBehavior="strict" allowDecimal={false} value={size} onChange={(value) => typeof value === "number" && value >= 1 && (setSize(value), settle(value))} />
        </div>
        <Text size="sm" mt={6} role="status">
          <b>{countOf(size, "pick")}</b> of {countText(most)}
          {draft.preselected > 0 && ` on top of ${countText(draft.preselected)}${before ? ` in “${before.name}”` : ""}`}: {shareText(size + draft.preselected, samples)} of the dataset.
          {radius && Number.isFinite(radius[size - 1]) && ` No sample is farther than ${numberText(radius[size - 1]!)} from a chosen one.`}
          {size === most && ` That is all: ${stops[draft.stopped]}.`}
        </Text>
      </div>
      <div className={classes["views"]}>
        <div className={classes["grid"]}>
          <PictureGrid datasetId={datasetId} ordinals={first} size={cellSize()} label="Picks in order" badge={(place) => String(place + 1)} chosen={looked} onChoose={setLooked} />
        </div>
        <div className={classes["side"]}>
          {looked !== undefined && looked < most && <Reason datasetId={datasetId} ordinal={picks.ordinals[looked]!} place={looked} reasons={reasonsOf(picks, looked, numberText, strategies)} />}
          <Charts datasetId={datasetId} draft={draft} picks={picks} size={shown} samples={samples} before={before} onSize={(value) => (setSize(value), settle(value))} />
        </div>
      </div>
      <MakeTag datasetId={datasetId} draft={draft} size={size} tags={tags} />
    </>
  );
}

/** Pixels of a pick's picture: larger where the window is. */
function cellSize(): number {
  return Math.max(116, Math.min(220, Math.round(window.innerWidth / 17)));
}

function Reason({ datasetId, ordinal, place, reasons }: { readonly datasetId: string; readonly ordinal: number; readonly place: number; readonly reasons: readonly string[] }) {
  const columns = useColumns(datasetId);
  const values = useColumnValues(datasetId, columns.data, ["fileName"]);
  const names = values.get("fileName");
  return (
    <Card withBorder padding="sm" aria-live="polite">
      <div className={classes["reason"]}>
        <Picture key={ordinal} datasetId={datasetId} ordinal={ordinal} size={192} label="" />
        <div>
          <Text fw={600}>Pick {countText(place + 1)}</Text>
          <Text size="xs" c="dimmed" truncate title={names?.kind === "text" ? textAt(names, ordinal) : undefined}>
            <Anchor component={Link} href={`${addressOfScreen(datasetId, "")}?sample=${ordinal}`} inherit>
              {names?.kind === "text" ? textAt(names, ordinal) : `Sample ${ordinal}`}
            </Anchor>
          </Text>
          {reasons.map((reason) => (
            <Text key={reason} size="sm">
              {reason}
            </Text>
          ))}
        </div>
      </div>
    </Card>
  );
}

function Charts({ datasetId, draft, picks, size, samples, before, onSize }: { readonly datasetId: string; readonly draft: SelectionDraft; readonly picks: Picks; readonly size: number; readonly samples: number; readonly before: TagData | undefined; readonly onSize: (size: number) => void }) {
  const columns = useColumns(datasetId);
  const countable = (columns.data?.columns ?? []).filter(({ kind, labels }) => kind === "number" || (kind === "category" && (labels?.length ?? 0) <= 2000));
  const [chosen, setChosen] = useState<string>();
  // Classes are what people balance by: a prediction first, then whatever has few values.
  const usual = countable.find(({ group, kind }) => group === "prediction" && kind === "category") ?? countable.find(({ name }) => name === "folder") ?? countable.find(({ kind }) => kind === "category") ?? countable[0];
  const facts = countable.find(({ name }) => name === chosen) ?? usual;
  const map = columns.data?.columns.find(({ kind }) => kind === "points");
  const values = useColumnValues(datasetId, columns.data, [...(facts ? [facts.name] : []), ...(map ? [map.name] : [])]);
  const points = map && values.get(map.name);
  const places = useMemo(() => placesOf(picks, samples), [picks, samples]);
  const mask = useMemo(() => before && maskOf(before), [before]);
  const groupOf = useMemo(() => (ordinal: number) => (places[ordinal]! < size ? 2 : mask?.has(ordinal) ? 1 : 0), [places, size, mask]);
  const column = facts && values.get(facts.name);
  const bins = useMemo(() => (facts && column ? binning(facts, column, numberText) : undefined), [facts, column]);
  const whole = useMemo(() => bins && distribution(bins, everyOrdinal(samples)), [bins, samples]);
  const part = useMemo(() => {
    if (!bins) return undefined;
    const picked = picks.ordinals.subarray(0, size);
    return distribution(bins, mask ? [...mask.ordinals(), ...picked] : picked);
  }, [bins, picks, size, mask]);
  const curve = picks.columns.get("radius") ?? picks.columns.get("score");
  const curveName = picks.columns.has("radius") ? "Coverage" : "Score";
  const curveLine = useMemo(() => (curve ? curvePoints(curve, 300) : []), [curve]);
  return (
    <>
      {curveLine.length > 1 && (
        <div>
          <Title order={2} size="h5">
            {curveName}
          </Title>
          <Text size="xs" c="dimmed" mb={4}>
            {curveName === "Coverage" ? "Largest distance from any sample to the nearest chosen one, by number of picks. Where the curve goes flat, more picks add little." : "Score of each pick."}
          </Text>
          <Curve points={curveLine} last={draft.picks} at={size} label={`${curveName} by number of picks`} onMove={onSize} />
        </div>
      )}
      {points?.kind === "points" && (
        <div>
          <Title order={2} size="h5" mb={4}>
            Map
          </Title>
          <MapPicture coordinates={points.values} groups={groups} groupOf={groupOf} height={240} label={`Map of all samples with the first ${size} picks in orange${before ? " and those chosen before in blue" : ""}`} />
        </div>
      )}
      {facts && (
        <Stack gap={8}>
          <Title order={2} size="h5">
            Balance
          </Title>
          <Select aria-label="Balance by" size="xs" data={countable.map(({ name, title }) => ({ value: name, label: title }))} value={facts.name} allowDeselect={false} searchable onChange={(name) => setChosen(name ?? undefined)} />
          {bins && whole && part && <PairedBars first={part} second={whole} firstName="Selection" secondName="All" kind={bins.kind} />}
          <Text size="xs" c="dimmed">
            <span style={{ color: "#2f6fed" }} aria-hidden>
              ■
            </span>{" "}
            selection{" "}
            <span style={{ color: "#c2660c" }} aria-hidden>
              ■
            </span>{" "}
            all samples
          </Text>
        </Stack>
      )}
    </>
  );
}

function MakeTag({ datasetId, draft, size, tags }: { readonly datasetId: string; readonly draft: SelectionDraft; readonly size: number; readonly tags: readonly TagData[] }) {
  const [given, setGiven] = useState<string>();
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const [, go] = useLocation();
  const how = draft.method === "STRATEGIES" ? "strategies" : draft.method.toLowerCase().replace("_", " ");
  const name = given ?? freeName(`${how} ${size + draft.preselected}`, tags);
  const problem = nameProblem(name, tags);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (problem !== undefined) return;
    setBusy(true);
    try {
      const { id } = await call(routes.tagOfDraft, { path: { datasetId, draftId: draft.id }, body: { name, picks: size } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(`“${name}” was made.`);
      go(`${addressOfScreen(datasetId, "tags")}?tag=${id}`);
    } catch (error) {
      failed("No tag was made", error);
      setBusy(false);
    }
  };
  return (
    <form className={classes["make"]} onSubmit={(event) => void submit(event)}>
      <TextInput style={{ flex: "1 1 200px" }} aria-label="Name of the new tag" value={name} error={problem} onChange={(event) => setGiven(event.currentTarget.value)} />
      <Button type="submit" loading={busy} disabled={problem !== undefined}>
        Make it a tag of {countText(size + draft.preselected)}
      </Button>
    </form>
  );
}
