/** Flags that several commands share. */
import { UsageError } from "./problems.ts";

export const data = { value: "DIR", initial: "data", summary: "data folder: holds everything that is kept" } as const;

export const json = { summary: "print JSON on one line" } as const;

/** Of commands that go on until they are stopped. */
export const jsonOfServer = { summary: "once it is ready, print where it is as JSON on one line" } as const;

export const port = { value: "N", initial: 8080, summary: "port to listen on; 0 takes a free one", parse: parsePort } as const;

export const host = { value: "H", initial: "127.0.0.1", summary: "address to listen on; 0.0.0.0 for every address of this machine" } as const;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new UsageError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}.`);
  return port;
}

/** A flag that takes one of a few values. @throws UsageError from its `parse`, naming them */
export function choice<const Choice extends string>(name: string, choices: readonly Choice[], summary: string) {
  return { value: "V", choices, summary: `${summary}: ${choices.join(", ")}`, parse: (text: string): Choice => chosen(name, choices, text) } as const;
}

/** The same with a value that it has when it isn't given. */
export function choiceOf<const Choice extends string>(name: string, choices: readonly Choice[], initial: NoInfer<Choice>, summary: string) {
  return { ...choice(name, choices, summary), initial: initial as Choice } as const;
}

function chosen<Choice extends string>(name: string, choices: readonly Choice[], text: string): Choice {
  const found = choices.find((one) => one === text.toLowerCase());
  if (found === undefined) throw new UsageError(`${name} must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}.`);
  return found;
}

/** Parses a whole number. */
export function whole(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
    return value;
  };
}
