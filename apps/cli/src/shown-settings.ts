import type { Flags } from "./command.ts";
import type { Io } from "./io.ts";
import { type Source, settingsFlags, variableOf } from "./settings.ts";
import { table } from "./terminal/table.ts";

/** Whose values let somebody in. */
const secret = /TOKEN|KEY|PASSWORD|SECRET/;

/** The effective settings of a command, with where each comes from, as a table or as a line of JSON. Secrets are only said to be set. */
export function shownSettings(flags: Flags, variables: readonly string[], values: Readonly<Record<string, unknown>>, sourceOf: (name: string) => Source = () => "default", io: Io, asJson = false): string {
  const shown = (variable: string, value: unknown) => {
    if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return null;
    if (secret.test(variable)) return "(set)";
    return String(value).replaceAll(/(\/\/)[^\s/@]+@/g, "$1…@");
  };
  const keys = Object.keys(flags).filter((key) => !(key in settingsFlags));
  const own = keys.map(variableOf);
  const settings = [
    ...keys.map((key) => ({ setting: variableOf(key), value: shown(variableOf(key), values[key] ?? io.env[variableOf(key)]), from: sourceOf(key) })),
    ...variables.filter((name) => !own.includes(name)).map((name) => ({ setting: name, value: shown(name, io.env[name]), from: sourceOf(name) })),
  ];
  if (asJson) return `${JSON.stringify(settings)}\n`;
  return table(io, [["SETTING", "VALUE", "FROM"], ...settings.map(({ setting, value, from }) => [setting, value ?? "-", from])]);
}
