import { ActionIcon, Button, Checkbox, RangeSlider, Select, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { ChevronDownIcon, ChevronRightIcon, XIcon } from "@primer/octicons-react";
import type { ColumnData, ColumnGroup } from "@winnow/contract";
import { type ReactNode, useId, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import type { Column } from "../columns/column.ts";
import { useColumnValues } from "../columns/use-columns.ts";
import type { Condition } from "./conditions.ts";
import classes from "./explore.module.css";
import { shortNumber } from "./grouping.ts";
import { histogram, labelCounts } from "./histogram.ts";
import type { Exploration } from "./use-exploration.ts";
import type { ViewState } from "./view-state.ts";

const groups: readonly (readonly [ColumnGroup, string])[] = [
  ["analysis", "Structure"],
  ["prediction", "Predictions"],
  ["customMetadata", "Metadata"],
  ["sample", "Files"],
  ["metadata", "Measured"],
  ["score", "Scores"],
  ["selection", "Selections"],
];
const binsShown = 36;
const labelsShown = 8;
/** Filters that are open at first, so that somebody sees at once what there is to filter by. */
const openAtFirst = 4;

interface FiltersProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly view: ViewState;
  readonly change: (changes: Partial<ViewState>) => void;
}

/** Everything that samples can be filtered by, each with how its values are spread. */
export function Filters({ datasetId, exploration, view, change }: FiltersProps) {
  const columns = exploration.catalogue.columns.filter((column) => (column.kind === "number" || column.kind === "time" || column.kind === "category") && (isInteresting(column) || view.conditions.some((condition) => condition.column === column.name)));
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => {
    const interesting = groups.flatMap(([group]) => columns.filter((column) => column.group === group));
    return new Set([...interesting.slice(0, openAtFirst).map(({ name }) => name), ...view.conditions.map(({ column }) => column)]);
  });
  const setCondition = (name: string, condition: Condition | undefined) => change({ conditions: [...view.conditions.filter(({ column }) => column !== name), ...(condition ? [condition] : [])].slice(-24) });
  return (
    <>
      <div className={classes["section"]}>
        <Select
          label="Tag"
          size="sm"
          clearable
          searchable
          placeholder="All samples"
          data={exploration.tags.map(({ id, name }) => ({ value: id, label: name }))}
          value={view.tag ?? null}
          onChange={(tag) => change({ tag: tag ?? undefined })}
        />
      </div>
      {groups.map(([group, title]) => {
        const some = columns.filter((column) => column.group === group);
        if (some.length === 0) return null;
        return (
          <section key={group} aria-label={title}>
            <Text size="xs" c="dimmed" fw={600} tt="uppercase" px={14} pt={12} pb={2} style={{ letterSpacing: "0.04em" }}>
              {title}
            </Text>
            {some.map((column) => (
              <Filter
                key={column.name}
                datasetId={datasetId}
                exploration={exploration}
                facts={column}
                condition={view.conditions.find(({ column: name }) => name === column.name)}
                open={opened.has(column.name)}
                onOpen={(open) => setOpened((now) => (open ? new Set([...now, column.name]) : new Set([...now].filter((name) => name !== column.name))))}
                onChange={(condition) => setCondition(column.name, condition)}
              />
            ))}
          </section>
        );
      })}
      {exploration.catalogue.notices.length > 0 && (
        <Stack gap={4} p="sm">
          {exploration.catalogue.notices.slice(0, 8).map((notice) => (
            <Text key={notice} size="xs" c="dimmed">
              {notice}
            </Text>
          ))}
        </Stack>
      )}
    </>
  );
}

/** A filter by what is the same for all samples leaves all or none. */
function isInteresting({ kind, minimum, maximum, labels, missing = 0 }: ColumnData): boolean {
  if (missing > 0 && (minimum !== undefined || labels !== undefined)) return true;
  return kind === "category" ? (labels?.length ?? 0) > 1 : minimum !== undefined && minimum !== maximum;
}

interface FilterProps {
  readonly datasetId: string;
  readonly exploration: Exploration;
  readonly facts: ColumnData;
  readonly condition: Condition | undefined;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onChange: (condition: Condition | undefined) => void;
}

function Filter(props: FilterProps) {
  const { facts, condition, open, onOpen, onChange } = props;
  const id = useId();
  return (
    <div className={classes["section"]}>
      <div style={{ display: "flex", alignItems: "center" }}>
        <UnstyledButton className={classes["sectionTitle"] ?? ""} aria-expanded={open} aria-controls={id} onClick={() => onOpen(!open)}>
          {open ? <ChevronDownIcon size={14} /> : <ChevronRightIcon size={14} />}
          <span title={facts.title}>{facts.title}</span>
        </UnstyledButton>
        {condition && (
          <ActionIcon size={24} aria-label={`Remove the filter by ${facts.title}`} onClick={() => onChange(undefined)}>
            <XIcon size={14} />
          </ActionIcon>
        )}
      </div>
      <div id={id}>{open && <FilterBody {...props} />}</div>
    </div>
  );
}

function FilterBody({ datasetId, exploration, facts, condition, onChange }: FilterProps): ReactNode {
  const column = useColumnValues(datasetId, exploration.catalogue, [facts.name]).get(facts.name);
  if (!column) return <div style={{ height: 60 }} aria-busy />;
  if (column.kind === "category") return <Labels facts={facts} column={column} shown={exploration.matched} condition={condition} onChange={onChange} />;
  if (column.kind === "number" || column.kind === "time") return <Range facts={facts} column={column} shown={exploration.matched} condition={condition} onChange={onChange} />;
  return null;
}

interface BodyProps<Kind extends Column["kind"]> {
  readonly facts: ColumnData;
  readonly column: Extract<Column, { kind: Kind }>;
  readonly shown: Uint32Array;
  readonly condition: Condition | undefined;
  readonly onChange: (condition: Condition | undefined) => void;
}

function Range({ facts, column, shown, condition, onChange }: BodyProps<"number" | "time">) {
  const counts = useMemo(() => histogram(column, facts, shown, binsShown), [column, facts, shown]);
  const { minimum = 0, maximum = 0 } = facts;
  const [from, to] = condition && "from" in condition ? [condition.from ?? minimum, condition.to ?? maximum] : [minimum, maximum];
  const [moving, setMoving] = useState<readonly [number, number]>();
  if (!counts || minimum === maximum) return <Text size="xs" c="dimmed" mt={4}>{`Always ${nameOf(minimum, column.kind)}`}</Text>;
  const whole = column.kind === "time" || isWhole(facts, column);
  const step = whole ? Math.max(1, Math.round((maximum - minimum) / 400)) : (maximum - minimum) / 400;
  const [low, high] = moving ?? [from, to];
  const apply = ([a, b]: readonly [number, number]) => {
    setMoving(undefined);
    const lower = a <= minimum ? null : a;
    const upper = b >= maximum ? null : b;
    onChange(lower === null && upper === null ? undefined : { column: facts.name, from: lower, to: upper });
  };
  const most = Math.max(1, ...counts.all);
  return (
    <div style={{ marginTop: 6 }}>
      <svg className={classes["bars"]} viewBox={`0 0 ${binsShown} 44`} preserveAspectRatio="none" role="img" aria-label={`How ${facts.title} is spread: ${counts.shown.reduce((a, b) => a + b, 0).toLocaleString()} samples shown have a value`}>
        {Array.from(counts.all, (count, i) => (
          <rect key={i} x={i + 0.06} width={0.88} y={44 - bar(count, most)} height={bar(count, most)} fill="var(--mantine-color-default-border)" />
        ))}
        {Array.from(counts.shown, (count, i) => (
          <rect key={i} x={i + 0.06} width={0.88} y={44 - bar(count, most)} height={bar(count, most)} fill="var(--mantine-primary-color-filled)" />
        ))}
      </svg>
      <RangeSlider
        size={3}
        thumbSize={16}
        minRange={0}
        label={null}
        min={minimum}
        max={maximum}
        step={step}
        value={[low, high]}
        onChange={(value) => setMoving(value)}
        onChangeEnd={apply}
        thumbFromLabel={`${facts.title}: from`}
        thumbToLabel={`${facts.title}: to`}
        mx={4}
      />
      <div style={{ display: "flex", justifyContent: "space-between", marginTop: 12 }}>
        <Bound value={low} kind={column.kind} label={`${facts.title}: smallest`} onCommit={(value) => apply([Math.max(minimum, value), high])} />
        <Bound value={high} kind={column.kind} label={`${facts.title}: largest`} onCommit={(value) => apply([low, Math.min(maximum, value)])} right />
      </div>
    </div>
  );
}

/** Bars of few samples must still be seen, so heights follow the square root. */
function bar(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1.5, 44 * Math.sqrt(count / most));
}

function isWhole({ minimum = 0, maximum = 0 }: ColumnData, { values }: { readonly values: ArrayLike<number> }): boolean {
  if (!Number.isInteger(minimum) || !Number.isInteger(maximum)) return false;
  for (let i = 0; i < Math.min(values.length, 500); i++) if (!Number.isNaN(values[i]!) && !Number.isInteger(values[i]!)) return false;
  return true;
}

function nameOf(value: number, kind: "number" | "time"): string {
  return kind === "time" ? new Date(value).toISOString().slice(0, 16).replace("T", " ") : shortNumber(value);
}

function Bound({ value, kind, label, onCommit, right = false }: { readonly value: number; readonly kind: "number" | "time"; readonly label: string; readonly onCommit: (value: number) => void; readonly right?: boolean }) {
  const [text, setText] = useState<string>();
  const whole = kind === "time" ? nameOf(value, kind) : String(value);
  const commit = () => {
    if (text === undefined) return;
    const wanted = kind === "time" ? Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(" ", "T")}Z`) : Number(text.replaceAll(/[\s,’']/g, ""));
    setText(undefined);
    if (text.trim() !== "" && Number.isFinite(wanted)) onCommit(wanted);
  };
  return (
    <TextInput
      size="xs"
      w={kind === "time" ? 122 : 92}
      aria-label={label}
      styles={{ input: { textAlign: right ? "right" : "left" } }}
      value={text ?? nameOf(value, kind)}
      onFocus={(event) => {
        const input = event.currentTarget;
        // All digits are there before they are selected, so that what is typed takes their place.
        flushSync(() => setText(whole));
        input.select();
      }}
      // The release of the press that came here would select nothing again.
      onMouseUp={(event) => text === whole && event.preventDefault()}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setText(undefined);
      }}
    />
  );
}

function Labels({ facts, column, shown, condition, onChange }: BodyProps<"category">) {
  const labels = facts.labels ?? [];
  const counts = useMemo(() => labelCounts(column, labels.length, shown), [column, labels.length, shown]);
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState("");
  const checked = new Set(condition && "labels" in condition ? condition.labels : []);
  const most = Math.max(1, ...(facts.counts ?? []));
  const found = labels.map((_, i) => i).filter((i) => labels[i]!.toLowerCase().includes(wanted.toLowerCase()));
  const listed = all ? found.slice(0, 200) : [...found.filter((i) => i < labelsShown), ...found.filter((i) => i >= labelsShown && checked.has(i))];
  const toggle = (label: number) => {
    const next = checked.has(label) ? [...checked].filter((one) => one !== label) : [...checked, label];
    onChange(next.length === 0 ? undefined : { column: facts.name, labels: next.toSorted((a, b) => a - b) });
  };
  return (
    <div style={{ marginTop: 6 }}>
      {all && labels.length > 20 && <TextInput size="xs" mb={6} placeholder="Find a label" aria-label={`Find a label of ${facts.title}`} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />}
      {listed.map((label) => (
        <div key={label}>
          <label className={classes["label"]}>
            <Checkbox size="xs" checked={checked.has(label)} onChange={() => toggle(label)} />
            <span title={labels[label]}>{labels[label]}</span>
            <span className={classes["amount"]}>{counts[label]!.toLocaleString()}</span>
          </label>
          <div className={classes["share"]} style={{ width: `calc((100% - 28px) * ${(facts.counts?.[label] ?? 0) / most})` }} aria-hidden>
            <div style={{ width: `${(100 * counts[label]!) / Math.max(1, facts.counts?.[label] ?? 1)}%` }} />
          </div>
        </div>
      ))}
      {labels.length > labelsShown && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${labels.length}`}
        </Button>
      )}
    </div>
  );
}
