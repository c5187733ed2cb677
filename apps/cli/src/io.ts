/** What a command may touch of the world, handed in so that tests need no process. */
export interface Io {
  /** For results. */
  readonly stdout: Output;
  /** For progress and complaints. */
  readonly stderr: Output;
  /** Whether a person watches `stderr`, so that a line may be written over. */
  readonly isTTY: boolean;
  /** Whether a person reads `stdout`, so that it may have colours. Default false. */
  readonly stdoutIsTTY?: boolean;
  /** Asks the person at the terminal; absent where nobody can answer. `hidden`: what is typed isn't shown. */
  readonly ask?: (question: string, options?: { readonly hidden?: boolean }) => Promise<string>;
  /** What is piped in; absent where nothing is. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** Aborted, with the signal's name as reason, when the user (Ctrl-C) or the system asks to stop. */
  readonly stop: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
  /** Width of the terminal in characters, if it is one. */
  readonly columns?: number | undefined;
}

/** Resolves when the command is to stop. */
export function stopped({ stop }: Io): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
