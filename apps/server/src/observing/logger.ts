import { type Logger, pino, stdSerializers, stdTimeFunctions } from "pino";
import type { Configuration } from "../configuration.ts";
import { withoutSecrets } from "./secrets.ts";

/** Takes lines; standard error is one. */
export interface LogTarget {
  write(text: string): unknown;
}

/**
 * The server's own log: a JSON object a line (`time`, `level`, `msg`, and `requestId`, `err` and what else belongs to it), or
 * lines for people. Whatever opens something is left out of both.
 */
export function openLogger({ logLevel, logFormat }: Pick<Configuration, "logLevel" | "logFormat">, target: LogTarget): Logger {
  const write = logFormat === "json" ? (line: string) => target.write(line) : (line: string) => target.write(forPeople(line));
  return pino(
    {
      level: logLevel,
      base: undefined as never,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: shownError },
      hooks: {
        logMethod(given, method) {
          method.apply(this, given.map((one: unknown) => (typeof one === "string" ? withoutSecrets(one) : one)) as Parameters<typeof method>);
        },
      },
    },
    { write },
  );
}

interface ShownError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
}

/** What an error holds besides these may be anything, credentials included. */
function shownError(error: unknown): ShownError {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutSecrets(String(error)), stack: "" };
  const { type, message, stack } = stdSerializers.err(error);
  const { code } = error as { code?: unknown };
  return { type, message: withoutSecrets(message), stack: withoutSecrets(stack), ...(typeof code === "string" && { code }) };
}

function forPeople(line: string): string {
  const { time, level, msg, err, ...more } = JSON.parse(line) as { time: string; level: string; msg?: string; err?: ShownError };
  const facts = Object.entries(more).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const first = [time.slice(0, 19).replace("T", " "), level.toUpperCase().padEnd(5), msg ?? err?.message ?? "", ...facts].join(" ");
  return `${first}\n${err ? `${err.stack || err.message}\n` : ""}`;
}
