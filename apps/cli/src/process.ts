import { runCommandLine } from "./program.ts";
import { askOn } from "./terminal/ask.ts";

/**
 * Runs a command line as this process: its output, its signals, its exit code. The first Ctrl-C (or SIGTERM) asks the
 * command to stop; the second ends the process.
 */
export async function main(words: readonly string[]): Promise<never> {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(signal === "SIGTERM" ? 143 : 130);
    stop.abort(signal);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  // A reader that has seen enough (`| head`) is no error.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const code = await runCommandLine(words, {
    stdout,
    stderr,
    isTTY: stderr.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined,
    stdoutIsTTY: stdout.isTTY === true && env["TERM"] !== "dumb",
    ...(stdin.isTTY ? stderr.isTTY && { ask: askOn(stdin, stderr, stop) } : { stdin }),
    env,
    // npm changes into the project before it runs a script; paths mean the folder that the user is in.
    cwd: (env["npm_lifecycle_event"] === "start" ? env["INIT_CWD"] : undefined) ?? process.cwd(),
    stop: stop.signal,
  });
  await new Promise<void>((resolve) => stdout.write("", () => resolve()));
  // Idle threads of the encoder and the server would keep the process alive.
  process.exit(code);
}
