import { Text } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { lineOf } from "./notation.ts";
import classes from "./notation.module.css";

/** What is wrong in a text, and where. */
export interface TextProblem {
  readonly message: string;
  /** Offset in the text; undefined: nowhere in particular. */
  readonly at?: number | undefined;
}

/** A text with numbered lines and what is wrong with it. Tab goes on, as everywhere; brackets indent. */
export function NotationEditor({ label, description, value, problems, onChange, rows = 16 }: { readonly label: string; readonly description?: string; readonly value: string; readonly problems: readonly TextProblem[]; readonly onChange: (value: string) => void; readonly rows?: number }) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const caret = useRef<number>(undefined);
  const lines = value.split("\n").length;
  const wrong = new Set(problems.flatMap(({ at }) => (at === undefined ? [] : [lineOf(value, at)])));
  useEffect(() => {
    if (caret.current === undefined) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  const goTo = (at: number) => {
    const element = area.current!;
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (lineOf(value, at) - 4) * Number.parseFloat(getComputedStyle(element).lineHeight));
  };
  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey) return;
    const { selectionStart: from, selectionEnd: to } = event.currentTarget;
    const line = value.slice(value.lastIndexOf("\n", from - 1) + 1, from);
    const indent = (/^\s*/.exec(line)?.[0] ?? "") + (/[{[]\s*$/.test(line) ? "  " : "");
    event.preventDefault();
    caret.current = from + 1 + indent.length;
    onChange(`${value.slice(0, from)}\n${indent}${value.slice(to)}`);
  };
  return (
    <div>
      <Text component="label" htmlFor={id} size="sm" fw={500} display="block">
        {label}
      </Text>
      {description !== undefined && (
        <Text size="xs" c="dimmed" mb={4} id={`${id}-description`}>
          {description}
        </Text>
      )}
      <div className={classes["editor"]} data-wrong={problems.length > 0}>
        <div ref={gutter} className={classes["lines"]} aria-hidden>
          {Array.from({ length: Math.max(lines, 1) }, (_, i) => (
            <div key={i} data-wrong={wrong.has(i + 1)}>
              {i + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          id={id}
          className={classes["text"]}
          value={value}
          rows={rows}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          wrap="off"
          aria-invalid={problems.length > 0}
          aria-describedby={`${description === undefined ? "" : `${id}-description `}${id}-problems`}
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={keys}
          onScroll={(event) => void (gutter.current!.scrollTop = event.currentTarget.scrollTop)}
          style={{ maxHeight: "70dvh" }}
        />
      </div>
      <div id={`${id}-problems`} role="status" aria-live="polite">
        {problems.length > 0 && (
          <ul className={classes["problems"]}>
            {problems.map(({ message, at }, i) => (
              <li key={i}>
                <button type="button" className={classes["problem"]} onClick={() => at !== undefined && goTo(at)}>
                  {at === undefined ? message : `Line ${lineOf(value, at)}: ${message}`}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
