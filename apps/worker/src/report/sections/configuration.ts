import { readRunConfiguration, runConfigurationCatalogue } from "@winnow/contract";
import type { Block, Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { countText, shortened, shown } from "../wording.ts";

const VALUE_CHARACTERS_MAX = 300;
const ROWS_MAX = 120;
const NOTHING = "–";

/** What every key is where nothing is written. */
const { docker: dockerDefaults, lightly: lightlyDefaults } = readRunConfiguration({});
const defaults = { docker: textsOf({ ...dockerDefaults }), lightly: textsOf({ ...lightlyDefaults }) } as const;

/** Names of keys that a run has no use for: they are told of when somebody sets them. */
const idle = new Set(runConfigurationCatalogue.filter(({ use }) => use !== "works").map(({ path }) => path.replace(/_([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase())));

/** The effective configuration: a row for each key that differs from its default, nested ones with dots, and the others, as far as runs use them, in two paragraphs. */
export function configurationSection({ configuration }: RunFacts): Section | undefined {
  const parts = [
    ["Worker", configuration.docker, defaults.docker],
    ["Model and loader", configuration.lightly, defaults.lightly],
    ["Selection", configuration.selection ?? {}, new Map<string, string>()],
  ] as const;
  const usual: string[] = [];
  const unset: string[] = [];
  const blocks = parts.flatMap(([label, values, asDefault]): Block[] => {
    const rows: [string, string][] = [];
    for (const [name, value] of settings(values, "")) {
      if (asDefault.get(name) !== value) rows.push([name, value]);
      else if (idle.has(name)) continue;
      else if (value === NOTHING) unset.push(name);
      else usual.push(`${name} ${value}`);
    }
    return rows.length === 0 ? [] : [{ kind: "table", table: { label, columns: [{ label, weight: 1 }, { label: "Value", weight: 1.2 }], rows: rows.slice(0, ROWS_MAX), ...(rows.length > ROWS_MAX ? { rest: `and ${countText(rows.length - ROWS_MAX)} more in report.json` } : {}) } }];
  });
  if (usual.length > 0) blocks.push({ kind: "text", text: `As by default: ${usual.join(", ")}.` });
  if (unset.length > 0) blocks.push({ kind: "text", text: `Not set: ${unset.join(", ")}.` });
  return blocks.length === 0 ? undefined : { id: "configuration", title: "Configuration", blocks };
}

function textsOf(values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(settings(values, ""));
}

function* settings(values: Readonly<Record<string, unknown>>, prefix: string): Generator<[string, string]> {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const name = `${prefix}${key}`;
    if (value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0) yield* settings(value as Record<string, unknown>, `${name}.`);
    else if (Array.isArray(value) && value.some((entry) => entry !== null && typeof entry === "object")) {
      for (const [i, entry] of value.entries()) yield* settings({ [String(i + 1)]: entry as unknown }, `${name}.`);
    } else yield [shown(name), shortened(shown(valueText(value)), VALUE_CHARACTERS_MAX)];
  }
}

function valueText(value: unknown): string {
  if (value === "" || value === null) return NOTHING;
  return typeof value === "string" ? value : JSON.stringify(value);
}
