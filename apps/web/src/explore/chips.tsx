import { Button, Pill, Text } from "@mantine/core";
import type { Condition } from "./conditions.ts";
import classes from "./explore.module.css";
import { shortNumber } from "./grouping.ts";
import type { Exploration } from "./use-exploration.ts";
import type { ViewState } from "./view-state.ts";

interface ChipsProps {
  readonly exploration: Exploration;
  readonly view: ViewState;
  readonly change: (changes: Partial<ViewState>) => void;
}

/** How many samples are shown, and why not all. */
export function Chips({ exploration, view, change }: ChipsProps) {
  const { matched, samples, facts, tags } = exploration;
  const chips: { readonly key: string; readonly text: string; readonly remove: Partial<ViewState> }[] = [];
  if (view.search !== "") chips.push({ key: "search", text: `name contains “${view.search}”`, remove: { search: "" } });
  if (view.tag !== undefined) chips.push({ key: "tag", text: `tag ${tags.find(({ id }) => id === view.tag)?.name ?? "(deleted)"}`, remove: { tag: undefined } });
  if (view.like !== undefined) chips.push({ key: "like", text: `like ${exploration.nameOf(view.like)}`, remove: { like: undefined } });
  for (const condition of view.conditions) {
    chips.push({ key: condition.column, text: conditionText(condition, facts.get(condition.column)?.title ?? condition.column, facts.get(condition.column)?.labels, facts.get(condition.column)?.kind === "time"), remove: { conditions: view.conditions.filter((one) => one !== condition) } });
  }
  const all = chips.length > 1;
  return (
    <div className={classes["chips"]} role="status">
      <Text size="sm" component="span" fw={560}>
        {matched.length === samples ? `${samples.toLocaleString()} ${samples === 1 ? "sample" : "samples"}` : `${matched.length.toLocaleString()} of ${samples.toLocaleString()} samples`}
      </Text>
      {exploration.groups.length > 0 && (
        <Text size="sm" component="span" c="dimmed">
          in {exploration.groups.length.toLocaleString()} {exploration.groups.length === 1 ? "group" : "groups"}
        </Text>
      )}
      {chips.map(({ key, text, remove }) => (
        <Pill key={key} size="sm" withRemoveButton removeButtonProps={{ "aria-label": `Remove: ${text}`, "aria-hidden": false, tabIndex: 0 }} onRemove={() => change(remove)} maw={320}>
          {text}
        </Pill>
      ))}
      {all && (
        <Button size="compact-xs" variant="subtle" onClick={() => change({ search: "", tag: undefined, like: undefined, conditions: [] })}>
          Show all samples
        </Button>
      )}
    </div>
  );
}

function conditionText(condition: Condition, title: string, labels: readonly string[] | undefined, time: boolean): string {
  if ("labels" in condition) {
    const names = condition.labels.map((label) => labels?.[label] ?? "?");
    return `${title}: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
  }
  const name = (value: number) => (time ? new Date(value).toISOString().slice(0, 10) : shortNumber(value));
  if (condition.from === null) return `${title} up to ${condition.to === null ? "…" : name(condition.to)}`;
  return condition.to === null ? `${title} from ${name(condition.from)}` : `${title}: ${name(condition.from)} to ${name(condition.to)}`;
}
