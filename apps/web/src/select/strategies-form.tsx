import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { PlusIcon, TrashIcon } from "@primer/octicons-react";
import { selectionCatalogue } from "@winnow/contract";
import { KeyField } from "../fields/key-field.tsx";
import type { WishProblem } from "./request.ts";
import classes from "./select.module.css";

type Dictionary = Readonly<Record<string, unknown>>;

const names: Readonly<Record<string, string>> = { DIVERSITY: "Diversity: unlike all chosen", WEIGHTS: "Weights: high values", THRESHOLD: "Threshold: only where this holds", BALANCE: "Balance: a distribution of classes", SIMILARITY: "Similarity: like a query set", TYPICALITY: "Typicality: dense regions first" };
const inputs: Readonly<Record<string, string>> = { EMBEDDINGS: "Embeddings", SCORES: "Scores", METADATA: "Metadata", PREDICTIONS: "Predictions", RANDOM: "Random numbers" };

/** A key of a dictionary in either spelling. */
function valueAt(dictionary: Dictionary, key: string): unknown {
  return dictionary[key] ?? dictionary[key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

function withValue(dictionary: Dictionary, key: string, value: unknown): Dictionary {
  const camel = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const { [key]: _, [camel]: __, ...rest } = dictionary;
  return value === undefined ? rest : { ...rest, [key]: value };
}

/** Strategies that act together: what each looks at, and what it does with it. */
export function StrategiesForm({ selection, problems, onChange }: { readonly selection: Dictionary; readonly problems: readonly WishProblem[]; readonly onChange: (selection: Dictionary) => void }) {
  const strategies = (Array.isArray(selection["strategies"]) ? selection["strategies"] : []) as Dictionary[];
  const set = (index: number, entry: Dictionary | undefined) => onChange({ ...selection, strategies: strategies.flatMap((one, i) => (i === index ? (entry ? [entry] : []) : [one])) });
  const wanted = valueAt(selection, "n_samples");
  const problemAt = (path: string) => problems.find((problem) => problem.path === path)?.message;
  return (
    <Stack gap="sm">
      <NumberInput
        label="Pick up to"
        description="As many picks are looked at; how many of them become a tag is chosen afterwards."
        value={typeof wanted === "number" ? wanted : ""}
        min={1}
        allowDecimal={false}
        error={problemAt("selection.n_samples") ?? problemAt("selection.nSamples") ?? problemAt("selection")}
        onChange={(value) => onChange(withValue(withValue(selection, "proportion_samples", undefined), "n_samples", typeof value === "number" ? value : undefined))}
      />
      {strategies.map((entry, index) => (
        <StrategyCard key={index} entry={entry} number={index + 1} path={`selection.strategies[${index}]`} problems={problems} onChange={(next) => set(index, next)} onRemove={strategies.length > 1 ? () => set(index, undefined) : undefined} />
      ))}
      {problemAt("selection.strategies") !== undefined && (
        <Text size="sm" c="red" role="alert">
          {problemAt("selection.strategies")}
        </Text>
      )}
      <Button variant="default" leftSection={<PlusIcon />} onClick={() => onChange({ ...selection, strategies: [...strategies, { input: { type: "METADATA" }, strategy: { type: "WEIGHTS" } }] })}>
        Add a strategy
      </Button>
    </Stack>
  );
}

function StrategyCard({ entry, number, path, problems, onChange, onRemove }: { readonly entry: Dictionary; readonly number: number; readonly path: string; readonly problems: readonly WishProblem[]; readonly onChange: (entry: Dictionary) => void; readonly onRemove: (() => void) | undefined }) {
  const strategy = (entry["strategy"] ?? {}) as Dictionary;
  const input = (entry["input"] ?? {}) as Dictionary;
  const facts = selectionCatalogue.strategies.find(({ type }) => type === strategy["type"]);
  const inputFacts = selectionCatalogue.inputs.find(({ type }) => type === input["type"]);
  const fit = (type: string, strategyType: string) => (type === "PREDICTIONS" ? { type, name: strategyType === "BALANCE" ? "CLASS_DISTRIBUTION" : "CATEGORY_COUNT" } : { type });
  const chooseStrategy = (type: string) => {
    const allowed = (selectionCatalogue.strategies.find((one) => one.type === type)?.inputs ?? []) as readonly string[];
    const kept = allowed.includes(String(input["type"])) ? { ...input, ...fit(String(input["type"]), type) } : fit(allowed[0] ?? "EMBEDDINGS", type);
    const extra = type === "THRESHOLD" ? { operation: "BIGGER" } : type === "BALANCE" ? { distribution: "UNIFORM" } : {};
    onChange({ input: kept, strategy: { type, ...extra } });
  };
  const error = (at: string) => problems.find((problem) => problem.path === at || problem.path === at.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))?.message;
  return (
    <fieldset className={classes["strategy"]} aria-label={`Strategy ${number}`}>
      <Stack gap="xs">
        <Group wrap="nowrap" align="flex-end" gap="xs">
          <Select style={{ flex: 1 }} label={`Strategy ${number}`} allowDeselect={false} data={selectionCatalogue.strategies.map(({ type }) => ({ value: type, label: names[type] ?? type }))} value={facts?.type ?? null} error={error(`${path}.strategy.type`)} onChange={(type) => type !== null && chooseStrategy(type)} />
          {onRemove && (
            <ActionIcon mb={4} aria-label={`Remove strategy ${number}`} onClick={onRemove}>
              <TrashIcon />
            </ActionIcon>
          )}
        </Group>
        {facts && facts.inputs.length > 1 && (
          <Select label="Looks at" allowDeselect={false} data={facts.inputs.map((type) => ({ value: type, label: inputs[type] ?? type }))} value={inputFacts?.type ?? null} error={error(`${path}.input.type`)} onChange={(type) => type !== null && onChange({ ...entry, input: fit(type, String(strategy["type"])) })} />
        )}
        {inputFacts?.keys
          .filter(({ path: key }) => !(input["type"] === "PREDICTIONS" && key === "name") && !(input["type"] === "EMBEDDINGS" && strategy["type"] !== "SIMILARITY" && key !== "task"))
          .map((field) => (
            <KeyField key={`input ${field.path}`} field={field} value={valueAt(input, field.path)} error={error(`${path}.input.${field.path}`)} onChange={(value) => onChange({ ...entry, input: withValue(input, field.path, value) })} />
          ))}
        {facts?.keys.map((field) => (
          <KeyField key={`strategy ${field.path}`} field={field} value={valueAt(strategy, field.path)} error={error(`${path}.strategy.${field.path}`)} onChange={(value) => onChange({ ...entry, strategy: withValue(strategy, field.path, value) })} />
        ))}
      </Stack>
    </fieldset>
  );
}
