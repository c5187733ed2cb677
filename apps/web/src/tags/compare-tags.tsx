import { Alert, Button, Card, Group, Select, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import type { TagData } from "@winnow/contract";
import { type FormEvent, useMemo, useState } from "react";
import { countOf, countText, numberText, shareText } from "../amounts.ts";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { PairedBars } from "../charts/paired-bars.tsx";
import { useColumnValues, useColumns } from "../columns/use-columns.ts";
import { MapPicture } from "../pictures/map-picture.tsx";
import { Picture } from "../pictures/picture.tsx";
import pictures from "../pictures/pictures.module.css";
import { failed, said } from "../states/said.ts";
import { mapCoverage } from "./coverage.ts";
import { binning, difference, distribution } from "./distribution.ts";
import { type Combination, combined, maskOf } from "./masks.ts";
import { freeName, nameProblem } from "./tag-tree.ts";
import classes from "./tags.module.css";

const colours = { first: "#2f6fed", second: "#c2660c", both: "#8a4fd0", rest: "#9aa59e" };

interface Properties {
  readonly datasetId: string;
  readonly tag: TagData;
  readonly other: TagData | undefined;
  readonly tags: readonly TagData[];
  readonly change: (changes: Readonly<Record<string, string | undefined>>) => void;
}

/** Two tags side by side, and what can be made of both. */
export function CompareTags({ datasetId, tag, other, tags, change }: Properties) {
  const others = tags.filter(({ id }) => id !== tag.id);
  if (others.length === 0) return <Text c="dimmed">There is only one tag. Make another one by choosing samples in Explore, or by a selection.</Text>;
  return (
    <Stack gap="lg">
      <Select label="Compare with" placeholder="Choose a tag" searchable data={others.map(({ id, name }) => ({ value: id, label: name }))} value={other?.id === tag.id ? null : (other?.id ?? null)} onChange={(id) => change({ with: id ?? undefined })} maw={420} />
      {other && other.id !== tag.id && <Comparison key={other.id} datasetId={datasetId} tag={tag} other={other} tags={tags} change={change} />}
    </Stack>
  );
}

function Comparison({ datasetId, tag, other, tags, change }: Properties & { readonly other: TagData }) {
  const [a, b] = [maskOf(tag), maskOf(other)];
  const counts = useMemo(() => {
    const both = a.intersection(b).count;
    return { both, first: a.count - both, second: b.count - both };
  }, [a, b]);
  const rest = Math.max(0, tag.totSize - counts.both - counts.first - counts.second);
  const parts = [
    { label: `Only in ${tag.name}`, count: counts.first, colour: colours.first },
    { label: "In both", count: counts.both, colour: colours.both },
    { label: `Only in ${other.name}`, count: counts.second, colour: colours.second },
    { label: "In neither", count: rest, colour: colours.rest },
  ];
  const columns = useColumns(datasetId);
  const countable = (columns.data?.columns ?? []).filter(({ kind, labels }) => kind === "number" || kind === "time" || (kind === "category" && (labels?.length ?? 0) <= 2000));
  // Of a large dataset each column is megabytes: few are fetched, more when they are asked for.
  const [most, setMost] = useState(tag.totSize > 200_000 ? 8 : 40);
  const counted = countable.slice(0, most);
  const map = columns.data?.columns.find(({ kind }) => kind === "points");
  const values = useColumnValues(datasetId, columns.data, [...counted.map(({ name }) => name), ...(map ? [map.name] : [])]);
  const spreads = useMemo(() => {
    const [ofA, ofB] = [a.ordinals(), b.ordinals()];
    return counted
      .flatMap((facts) => {
        const column = values.get(facts.name);
        const bins = column && binning(facts, column, facts.kind === "time" ? (value) => new Date(value).toLocaleDateString() : numberText);
        if (!bins || bins.count < 2) return [];
        const [first, second] = [distribution(bins, ofA), distribution(bins, ofB)];
        return [{ facts, kind: bins.kind, first, second, apart: difference(first, second) }];
      })
      .toSorted((x, y) => y.apart - x.apart || (x.facts.title < y.facts.title ? -1 : 1));
    // `values` is a new map when one of the columns has arrived.
  }, [a, b, values, columns.data, most]);
  const points = map && values.get(map.name);
  const coordinates = points?.kind === "points" ? points.values : undefined;
  const groups = useMemo(() => [{ label: "In neither", colour: colours.rest }, { label: tag.name, colour: colours.first }, { label: other.name, colour: colours.second }, { label: "Both", colour: colours.both }], [tag.name, other.name]);
  const groupOf = useMemo(() => (ordinal: number) => Number(a.has(ordinal)) + 2 * Number(b.has(ordinal)), [a, b]);
  const covered = useMemo(() => coordinates && [mapCoverage(coordinates, (ordinal) => a.has(ordinal)), mapCoverage(coordinates, (ordinal) => b.has(ordinal))], [coordinates, a, b]);
  return (
    <Stack gap="lg">
      <div>
        <div className={classes["meter"]} role="img" aria-label={parts.map(({ label, count }) => `${label}: ${countText(count)}`).join(", ")}>
          {parts.map(({ label, count, colour }) => count > 0 && <span key={label} style={{ flexGrow: count, background: colour }} />)}
        </div>
        <div className={classes["figures"]} style={{ marginTop: 10 }}>
          {parts.map(({ label, count, colour }) => (
            <div key={label}>
              <Text size="xs" c="dimmed" truncate title={label}>
                <span style={{ display: "inline-block", width: 9, height: 9, borderRadius: 2, background: colour, marginRight: 6 }} aria-hidden />
                {label}
              </Text>
              <Text fw={600}>
                {countText(count)}{" "}
                <Text span size="xs" c="dimmed">
                  {shareText(count, tag.totSize)}
                </Text>
              </Text>
            </div>
          ))}
        </div>
      </div>
      <Combine datasetId={datasetId} tag={tag} other={other} tags={tags} change={change} />
      {coordinates && covered && (
        <Card withBorder padding="md">
          <Title order={2} size="h4" mb="xs">
            On the map
          </Title>
          <MapPicture coordinates={coordinates} groups={groups} groupOf={groupOf} height={320} label={`Map of all samples: those of ${tag.name} in blue, those of ${other.name} in orange, those of both in violet`} />
          <Text size="sm" mt="xs">
            {covered.map(({ reached, regions, samplesReached, samples }, i) => (
              <Text span key={i} display="block">
                <b>{i === 0 ? tag.name : other.name}</b> reaches {shareText(reached, regions)} of the regions of the map, where {shareText(samplesReached, samples)} of the samples lie.
              </Text>
            ))}
          </Text>
        </Card>
      )}
      <div>
        <Title order={2} size="h4" mb={4}>
          What is in them
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          Shares of the samples that have a value; where the two differ most comes first.
        </Text>
        {columns.error ? (
          <Alert color="red">{(columns.error as Error).message}</Alert>
        ) : spreads.length === 0 ? (
          <Text size="sm" c="dimmed">
            {columns.data && values.size >= counted.length ? "There is nothing to compare by: the samples have no metadata, predictions or scores." : "Loading …"}
          </Text>
        ) : (
          <div className={classes["cards"]}>
            {spreads.map(({ facts, kind, first, second, apart }) => (
              <Card key={facts.name} withBorder padding="sm">
                <Group justify="space-between" wrap="nowrap" mb={6}>
                  <Text size="sm" fw={560} truncate title={facts.title}>
                    {facts.title}
                  </Text>
                  <Text size="xs" c="dimmed" style={{ flex: "none" }}>
                    {apart < 0.005 ? "alike" : `${shareText(apart, 1)} apart`}
                  </Text>
                </Group>
                <PairedBars first={first} second={second} firstName={tag.name} secondName={other.name} kind={kind} />
              </Card>
            ))}
          </div>
        )}
        {countable.length > most && (
          <Button variant="default" mt="md" onClick={() => setMost(most + 16)}>
            Compare by more ({countText(countable.length - most)} left)
          </Button>
        )}
      </div>
    </Stack>
  );
}

const ways: readonly { readonly value: string; readonly label: string; readonly how: Combination; readonly swapped: boolean }[] = [
  { value: "union", label: "Either", how: "UNION", swapped: false },
  { value: "intersection", label: "Both", how: "INTERSECTION", swapped: false },
  { value: "difference", label: "First, not second", how: "DIFFERENCE", swapped: false },
  { value: "reverse", label: "Second, not first", how: "DIFFERENCE", swapped: true },
];

function Combine({ datasetId, tag, other, tags, change }: Properties & { readonly other: TagData }) {
  const [way, setWay] = useState(ways[0]!);
  const narrow = useMediaQuery("(max-width: 560px)");
  const [given, setGiven] = useState<string>();
  const [busy, setBusy] = useState(false);
  const queries = useQueryClient();
  const [first, second] = way.swapped ? [other, tag] : [tag, other];
  const result = useMemo(() => combined(maskOf(first), maskOf(second), way.how), [first, second, way]);
  const ordinals = useMemo(() => result.ordinals().subarray(0, 12), [result]);
  const joint = { UNION: "or", INTERSECTION: "and", DIFFERENCE: "without" }[way.how];
  const name = given ?? freeName(`${first.name} ${joint} ${second.name}`, tags);
  const problem = nameProblem(name, tags);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (problem !== undefined) return;
    setBusy(true);
    try {
      const made = await call(routes.combineTags, { path: { datasetId }, body: { tagId1: first.id, tagId2: second.id, operation: way.how, newTagName: name, creator: "USER_WEBAPP" } });
      await queries.invalidateQueries({ queryKey: ["dataset", datasetId] });
      said(`“${name}” was made.`);
      setGiven(undefined);
      if ("id" in made) change({ tag: made.id, with: undefined, task: undefined });
    } catch (error) {
      failed("No tag was made", error);
    }
    setBusy(false);
  };
  return (
    <Card withBorder padding="md">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Title order={2} size="h4">
            Combine into a new tag
          </Title>
          <SegmentedControl aria-label="How to combine" value={way.value} onChange={(value) => setWay(ways.find((one) => one.value === value)!)} data={ways.map(({ value, label }) => ({ value, label }))} fullWidth withItemsBorders={!narrow} orientation={narrow ? "vertical" : "horizontal"} />
          <Text size="sm" aria-live="polite">
            <b>{countOf(result.count, "sample")}</b>
            {way.how === "UNION" && ` that are in “${tag.name}” or in “${other.name}”`}
            {way.how === "INTERSECTION" && " that are in both"}
            {way.how === "DIFFERENCE" && ` that are in “${first.name}” but not in “${second.name}”`}
          </Text>
          {ordinals.length > 0 && (
            <div className={`${pictures["strip"]} ${pictures["line"]}`} aria-hidden>
              {[...ordinals].map((ordinal) => (
                <Picture key={ordinal} datasetId={datasetId} ordinal={ordinal} size={72} label="" />
              ))}
            </div>
          )}
          <Group align="flex-start" gap="xs">
            <TextInput style={{ flex: "1 1 220px" }} aria-label="Name of the new tag" value={name} error={problem} onChange={(event) => setGiven(event.currentTarget.value)} />
            <Button type="submit" loading={busy} disabled={problem !== undefined}>
              Make the tag
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
