/** Flags that several commands share. */
import { UsageError } from "./problems.ts";

export const data = { value: "DIR", initial: "data", summary: "data folder: holds everything that is kept" } as const;

export const json = { summary: "print JSON on one line" } as const;

export const port = { value: "N", initial: 8080, summary: "port to listen on; 0 takes a free one", parse: parsePort } as const;

export const host = { value: "H", initial: "127.0.0.1", summary: "address to listen on; 0.0.0.0 for every address of this machine" } as const;

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new UsageError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}.`);
  return port;
}
