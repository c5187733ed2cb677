import { NumberInput, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { SelectionDraftCreateRequest, TagData } from "@winnow/contract";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { countText } from "../amounts.ts";
import { sizeOf } from "../tags/masks.ts";
import { isInitial } from "../tags/tag-tree.ts";
import { type SelectionWish, type WishProblem, byMethod, byStrategies, isByStrategies, methods } from "./request.ts";
import { StrategiesForm } from "./strategies-form.tsx";

interface Properties {
  readonly datasetId: string;
  readonly samples: number;
  readonly tags: readonly TagData[];
  readonly embeddings: readonly { readonly id: string; readonly name: string }[];
  readonly embeddingId: string;
  readonly wish: SelectionWish;
  readonly problems: readonly WishProblem[];
  readonly onEmbedding: (id: string) => void;
  readonly onChange: (wish: SelectionWish) => void;
}

/** What is to be selected, as fields. */
export function SelectionForm({ datasetId, samples, tags, embeddings, embeddingId, wish, problems, onEmbedding, onChange }: Properties) {
  const method = isByStrategies(wish) ? "STRATEGIES" : wish.method;
  const known = methods.find(({ value }) => value === method);
  const tagOptions = tags.map((tag) => ({ value: tag.id, label: `${tag.name} (${countText(sizeOf(tag))})` }));
  const initial = tags.find((tag) => isInitial(tag, tags));
  return (
    <Stack gap="md">
      <Select
        label="How"
        description={known?.text ?? "Several aims at once, each with a strength of its own."}
        allowDeselect={false}
        data={[...methods.map(({ value, label }) => ({ value, label })), { value: "STRATEGIES", label: "Strategies" }]}
        value={method}
        onChange={(value) => value !== null && onChange(value === "STRATEGIES" ? byStrategies(wish, samples) : byMethod(wish, value as SelectionDraftCreateRequest["method"], samples))}
      />
      {isByStrategies(wish) ? <StrategiesForm selection={wish.selection} problems={problems} onChange={(selection) => onChange({ ...wish, selection })} /> : <MethodFields datasetId={datasetId} tags={tags} wish={wish} problems={problems} onChange={onChange} />}
      <Select label="From" description="Samples to choose from." placeholder={initial ? "All samples" : "All"} clearable searchable data={tagOptions} value={wish.queryTagId ?? null} onChange={(id) => onChange(withTag(wish, "queryTagId", id))} />
      <Select label="On top of" description="Samples that are chosen already: they are in the new tag, and picks stay away from them." placeholder="Nothing" clearable searchable data={tagOptions.filter(({ value }) => value !== initial?.id)} value={wish.preselectedTagId ?? null} onChange={(id) => onChange(withTag(wish, "preselectedTagId", id))} />
      {embeddings.length > 1 && <Select label="Embedding" allowDeselect={false} data={embeddings.map(({ id, name }) => ({ value: id, label: name }))} value={embeddingId} onChange={(id) => id !== null && onEmbedding(id)} />}
      {(method === "RANDOM" || method === "STRATEGIES") && <NumberInput label="Seed" description="The same seed gives the same picks." min={0} max={4_294_967_295} allowDecimal={false} placeholder="0" value={wish.seed ?? ""} onChange={(seed) => onChange(typeof seed === "number" ? { ...wish, seed } : without(wish, "seed"))} />}
    </Stack>
  );
}

function MethodFields({ datasetId, tags, wish, problems, onChange }: Pick<Properties, "datasetId" | "tags" | "problems" | "onChange"> & { readonly wish: SelectionDraftCreateRequest }) {
  const { nSamples, minDistance } = wish.config.stoppingCondition ?? {};
  const error = (path: string) => problems.find((problem) => problem.path === `config.stoppingCondition${path}`)?.message;
  const set = (name: "nSamples" | "minDistance", value: unknown) => {
    const { [name]: _, ...rest } = wish.config.stoppingCondition ?? {};
    onChange({ ...wish, config: { ...wish.config, stoppingCondition: typeof value === "number" ? { ...rest, [name]: value } : rest } });
  };
  const scored = wish.method === "CORAL" || wish.method === "ACTIVE_LEARNING";
  return (
    <>
      <NumberInput label="Pick up to" description="As many picks are looked at; how many of them become a tag is chosen afterwards." value={nSamples ?? ""} min={0} step={wish.config.stoppingCondition?.nSamples !== undefined && (nSamples ?? 1) < 1 ? 0.05 : 10} error={error(".nSamples") ?? error("")} onChange={(value) => set("nSamples", value)} />
      {wish.method !== "ACTIVE_LEARNING" && <NumberInput label="Least distance" description="Stop when nothing is left that is at least so far from all chosen." placeholder="No limit" min={0} step={0.05} decimalScale={4} value={minDistance ?? ""} error={error(".minDistance")} onChange={(value) => set("minDistance", value)} />}
      {scored && <ScoreField datasetId={datasetId} tags={tags} wish={wish} onChange={onChange} />}
    </>
  );
}

function ScoreField({ datasetId, tags, wish, onChange }: Pick<Properties, "datasetId" | "tags" | "onChange"> & { readonly wish: SelectionDraftCreateRequest }) {
  const initial = tags.find((tag) => isInitial(tag, tags));
  const tagId = wish.queryTagId ?? initial?.id ?? "";
  const scores = useQuery({ queryKey: ["dataset", datasetId, "scores", tagId], queryFn: ({ signal }) => call(routes.scores, { path: { datasetId, tagId }, signal }), enabled: tagId !== "" });
  const types = [...new Set((scores.data ?? []).map(({ scoreType }) => scoreType))];
  const missing = scores.data !== undefined && types.length === 0;
  return (
    <Select
      label="Score"
      description={missing ? undefined : "Which scores are high where a sample is worth most."}
      error={missing ? "There are no scores for these samples yet. Upload some with a client (scores of a tag), or let a worker compute them from predictions." : undefined}
      placeholder={types.length === 0 ? "None" : types.includes("uncertainty_margin") ? "uncertainty_margin" : types[0]}
      data={types}
      clearable
      value={wish.scoreType ?? null}
      onChange={(scoreType) => onChange(scoreType === null ? without(wish, "scoreType") : { ...wish, scoreType })}
    />
  );
}

function withTag(wish: SelectionWish, role: "queryTagId" | "preselectedTagId", id: string | null): SelectionWish {
  return id === null ? without(wish, role) : { ...wish, [role]: id };
}

function without<Wish extends SelectionWish>(wish: Wish, key: string): Wish {
  return Object.fromEntries(Object.entries(wish).filter(([name]) => name !== key)) as Wish;
}
