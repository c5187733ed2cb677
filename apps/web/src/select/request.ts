import { type SelectionDraft, type SelectionDraftCreateRequest, type StrategySelectionDraftCreateRequest, type TagData, examineRunConfiguration } from "@winnow/contract";

/** What is asked for: a method or strategies, without the name of a tag. */
export type SelectionWish = SelectionDraftCreateRequest | StrategySelectionDraftCreateRequest;

export interface WishProblem {
  readonly path: string;
  readonly message: string;
}

export const methods = [
  { value: "CORESET", label: "Coreset", text: "Each pick is the sample farthest from all chosen before it: covers everything there is." },
  { value: "RANDOM", label: "Random", text: "By chance, each sample alike; the seed makes it repeatable." },
  { value: "ACTIVE_LEARNING", label: "Active learning", text: "The samples with the highest scores: where a model is least sure." },
  { value: "CORAL", label: "Coral", text: "High scores and far apart, both at once." },
] as const;

/** How many picks a preview makes unless told otherwise: enough to slide over, and soon done. */
export function usualPicks(samples: number): number {
  return Math.max(1, Math.min(samples, 1000));
}

/** Samples times picks up to which a selection is so soon done that it is made unasked: about a second. */
const unaskedMax = 100_000_000;

/** Whether picks may follow every change of a wish by themselves. */
export function isSoonDone(wish: SelectionWish, samples: number): boolean {
  const wanted = isByStrategies(wish) ? (wish.selection["n_samples"] ?? wish.selection["nSamples"]) : wish.config.stoppingCondition?.nSamples;
  // Without a number, picks may go on until nothing is left.
  const picks = typeof wanted === "number" && wanted > 0 ? Math.min(samples, wanted < 1 ? wanted * samples : wanted) : samples;
  return samples * picks <= unaskedMax;
}

export function isByStrategies(wish: SelectionWish): wish is StrategySelectionDraftCreateRequest {
  return "selection" in wish;
}

export function freshWish(samples: number): SelectionDraftCreateRequest {
  return { method: "CORESET", config: { stoppingCondition: { nSamples: usualPicks(samples) } } };
}

/** What a draft was made with, to go on from it. */
export function wishOf(draft: SelectionDraft): SelectionWish {
  const { method, nSamples, minDistance, scoreType, seed, preselectedTagId, queryTagId, selection, metric } = draft;
  const shared = given({ preselectedTagId, queryTagId, seed: seed === 0 ? undefined : seed });
  if (method === "STRATEGIES") return { ...shared, ...given({ metric }), selection: selection ?? {} };
  return { ...shared, ...given({ scoreType }), method, config: { stoppingCondition: given({ nSamples, minDistance }) } };
}

/** The same question put to strategies, and back. */
export function byStrategies(wish: SelectionWish, samples: number): StrategySelectionDraftCreateRequest {
  if (isByStrategies(wish)) return wish;
  const { preselectedTagId, queryTagId, seed } = wish;
  return { ...given({ preselectedTagId, queryTagId, seed }), selection: { n_samples: wish.config.stoppingCondition?.nSamples ?? usualPicks(samples), strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }] } };
}

export function byMethod(wish: SelectionWish, method: SelectionDraftCreateRequest["method"], samples: number): SelectionDraftCreateRequest {
  if (!isByStrategies(wish)) return { ...wish, method };
  const { preselectedTagId, queryTagId, seed, selection } = wish;
  const wanted = selection["n_samples"] ?? selection["nSamples"];
  return { ...given({ preselectedTagId, queryTagId, seed }), method, config: { stoppingCondition: { nSamples: typeof wanted === "number" ? wanted : usualPicks(samples) } } };
}

/** What is wrong with a wish, as far as it can be told here; the server knows the rest. */
export function problemsOf(wish: SelectionWish): WishProblem[] {
  if (isByStrategies(wish)) {
    const { problems } = examineRunConfiguration({ selection: wish.selection });
    return problems.filter(({ path }) => path.startsWith("selection")).map(({ path, message }) => ({ path, message }));
  }
  const { nSamples, minDistance } = wish.config.stoppingCondition ?? {};
  const problems: WishProblem[] = [];
  const isSet = (value: number | null | undefined): value is number => typeof value === "number" && value >= 0;
  if (!isSet(nSamples) && !isSet(minDistance)) problems.push({ path: "config.stoppingCondition", message: "Say when to stop: nSamples (a count, or a share below 1), minDistance, or both." });
  if (nSamples === 0) problems.push({ path: "config.stoppingCondition.nSamples", message: "At least 1." });
  if (isSet(nSamples) && nSamples >= 1 && !Number.isInteger(nSamples)) problems.push({ path: "config.stoppingCondition.nSamples", message: "A whole number, or a share below 1." });
  return problems;
}

const allowed = { method: ["method", "config", "scoreType"], strategies: ["selection", "metric", "predictionUUIDTimestamp"], both: ["preselectedTagId", "queryTagId", "seed"] } as const;

/** Reads what was written as JSON; tags may be called by their name. */
export function readWish(value: Readonly<Record<string, unknown>>, tags: readonly TagData[]): { readonly wish?: SelectionWish; readonly problems: readonly WishProblem[] } {
  const strategies = "selection" in value;
  const keys: readonly string[] = [...allowed.both, ...(strategies ? allowed.strategies : allowed.method)];
  const problems: WishProblem[] = Object.keys(value)
    .filter((key) => !keys.includes(key))
    .map((key) => ({ path: key, message: `There is no key “${key}” here. There are: ${keys.join(", ")}.` }));
  const wish: Record<string, unknown> = { ...value };
  for (const role of ["preselectedTagId", "queryTagId"] as const) {
    const named = value[role];
    if (named === undefined || named === null) continue;
    const tag = tags.find(({ id, name }) => id === named || name === named);
    if (tag) wish[role] = tag.id;
    else problems.push({ path: role, message: `There is no tag ${JSON.stringify(named)}.` });
  }
  const { seed } = value;
  if (seed !== undefined && seed !== null && !(Number.isInteger(seed) && (seed as number) >= 0 && (seed as number) <= 4_294_967_295)) problems.push({ path: "seed", message: "A whole number from 0 to 4294967295." });
  if (strategies) {
    if (typeof value["selection"] !== "object" || value["selection"] === null || Array.isArray(value["selection"])) problems.push({ path: "selection", message: "An object: { n_samples: 100, strategies: [ … ] }." });
  } else {
    if (!methods.some(({ value: method }) => method === value["method"])) problems.push({ path: "method", message: `One of ${methods.map(({ value: method }) => method).join(", ")}; or give “selection” for strategies.` });
    const config = value["config"] ?? {};
    if (typeof config !== "object" || Array.isArray(config)) problems.push({ path: "config", message: "An object: { stoppingCondition: { nSamples: 100 } }." });
    else {
      wish["config"] = config;
      const condition = (config as Record<string, unknown>)["stoppingCondition"] ?? {};
      if (typeof condition !== "object") problems.push({ path: "config.stoppingCondition", message: "An object: { nSamples: 100, minDistance: 0.5 }." });
      else
        for (const [key, number] of Object.entries(condition as object)) {
          if (key !== "nSamples" && key !== "minDistance") problems.push({ path: `config.stoppingCondition.${key}`, message: "There are nSamples and minDistance." });
          else if (number !== null && typeof number !== "number") problems.push({ path: `config.stoppingCondition.${key}`, message: "A number." });
        }
    }
  }
  if (problems.length > 0) return { problems };
  return { wish: wish as SelectionWish, problems: problemsOf(wish as SelectionWish) };
}

function given<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null)) as Values;
}
