import type { Block, Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { countText, shortened, shown } from "../wording.ts";

const VALUE_CHARACTERS_MAX = 300;
const ROWS_MAX = 120;

/** The effective configuration: one row per key, nested ones with dots. */
export function configurationSection({ configuration }: RunFacts): Section | undefined {
  const parts = [
    ["Worker", configuration.docker],
    ["Model and loader", configuration.lightly],
    ["Selection", configuration.selection ?? {}],
  ] as const;
  const blocks = parts.flatMap(([label, values]): Block[] => {
    const rows = [...settings(values, "")];
    return rows.length === 0 ? [] : [{ kind: "table", table: { label, columns: [{ label, weight: 1 }, { label: "Value", weight: 1.2 }], rows: rows.slice(0, ROWS_MAX), ...(rows.length > ROWS_MAX ? { rest: `and ${countText(rows.length - ROWS_MAX)} more in report.json` } : {}) } }];
  });
  return blocks.length === 0 ? undefined : { id: "configuration", title: "Configuration", blocks };
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
  if (value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
