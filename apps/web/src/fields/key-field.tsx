import { NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import type { CatalogueKey } from "@winnow/contract";
import { useState } from "react";
import { NotationError, parseNotation, writeNotation } from "../notation/notation.ts";

interface Properties {
  readonly field: CatalogueKey;
  /** As one would write it; undefined: not given. */
  readonly value: unknown;
  /** `decimal`: a whole number that is meant as a share, such as 1.0. */
  readonly onChange: (value: unknown, decimal?: boolean) => void;
  readonly error?: string | undefined;
  /** In place of the key's last name. */
  readonly label?: string;
}

/** A field for a key of a configuration, made from what the catalogue says of it. Emptied, the key is left out. */
export function KeyField({ field, value, onChange, error, label }: Properties) {
  const { kind, summary, allowed } = field;
  const shared = { label: label ?? titleOf(field.path), description: summary, error, withAsterisk: field.required };
  const initial = field.default;
  switch (kind.type) {
    case "boolean":
      return <Switch label={shared.label} description={summary} error={error} checked={typeof value === "boolean" ? value : initial === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "integer":
    case "number":
      return (
        <NumberInput
          {...shared}
          placeholder={initial === null ? allowed : String(initial)}
          value={typeof value === "number" ? value : ""}
          allowDecimal={kind.type === "number"}
          step={kind.type === "number" && (kind.maximum ?? 100) <= 1 ? 0.05 : 1}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    case "choice":
      return <Select {...shared} data={kind.values.map(String)} value={value === undefined || value === null ? (initial === null ? null : String(initial)) : String(value)} clearable={initial === null} onChange={(next) => onChange(next === null ? undefined : (kind.values.find((one) => String(one) === next) ?? next))} />;
    case "amount":
      return <AmountField shared={shared} value={value} onChange={onChange} />;
    case "list":
      return <TagsInput {...shared} value={Array.isArray(value) ? value.map(String) : []} onChange={(next) => onChange(next.length === 0 ? undefined : kind.of === "number" ? next.map(Number) : next)} />;
    case "shares":
      return <SharesField shared={shared} value={value} onChange={onChange} />;
    default:
      return <TextInput {...shared} placeholder={typeof initial === "string" ? initial : ""} value={typeof value === "string" || typeof value === "number" ? String(value) : Array.isArray(value) ? JSON.stringify(value) : ""} onChange={(event) => onChange(event.currentTarget.value === "" ? undefined : kind.type === "size" ? sizeOf(event.currentTarget.value) : event.currentTarget.value)} />;
  }
}

interface Shared {
  readonly label: string;
  readonly description: string;
  readonly error: string | undefined;
  readonly withAsterisk: boolean;
}

/** A count (`100`) or a share (`0.1`, `1.0`, `10 %`). */
function AmountField({ shared, value, onChange }: { readonly shared: Shared; readonly value: unknown; readonly onChange: Properties["onChange"] }) {
  const [text, setText] = useState<string>();
  const read = (written: string) => {
    const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(written);
    if (percent) return onChange(Number(percent[1]) / 100, Number(percent[1]) === 100 || Number(percent[1]) === 0);
    if (written.trim() === "") return onChange(undefined);
    const number = Number(written);
    return onChange(Number.isFinite(number) ? number : written, Number.isInteger(number) && /[.]/.test(written));
  };
  return <TextInput {...shared} placeholder="100, or 10 %" value={text ?? (value === undefined || value === null || value === -1 ? "" : String(value))} onChange={(event) => (setText(event.currentTarget.value), read(event.currentTarget.value))} onBlur={() => setText(undefined)} />;
}

function SharesField({ shared, value, onChange }: { readonly shared: Shared; readonly value: unknown; readonly onChange: Properties["onChange"] }) {
  const [text, setText] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const written = typeof value === "object" && value !== null ? writeNotation(value as Record<string, unknown>).replaceAll(/\s+/g, " ").replace(/,? ?\}$/, " }") : "";
  return (
    <TextInput
      {...shared}
      placeholder="{ car: 0.5, person: 0.5 }"
      error={problem ?? shared.error}
      value={text ?? written}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          onChange(next.trim() === "" ? undefined : parseNotation(next).value);
          setProblem(undefined);
        } catch (error) {
          setProblem(error instanceof NotationError ? error.message : String(error));
        }
      }}
      onBlur={() => problem === undefined && setText(undefined)}
    />
  );
}

function sizeOf(text: string): unknown {
  const pair = /^\[?\s*(\d+)\s*[,×x]\s*(\d+)\s*\]?$/.exec(text);
  if (pair) return [Number(pair[1]), Number(pair[2])];
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `stopping_condition.n_samples` → `N samples`. */
export function titleOf(path: string): string {
  const words = path
    .slice(path.lastIndexOf(".") + 1)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
