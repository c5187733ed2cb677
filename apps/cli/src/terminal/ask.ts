import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/**
 * Asks on a terminal. Ctrl-C while it waits stops the command; the end of input (Ctrl-D) counts as an empty answer.
 * @param stop aborted when the user stops
 */
export function askOn(input: NodeJS.ReadStream, output: NodeJS.WriteStream, stop: AbortController) {
  return async (question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> => {
    const silent = new Writable({ write: (_, __, done) => done() });
    const lines = createInterface({ input, output: hidden ? silent : output, terminal: true });
    lines.on("SIGINT", () => stop.abort("SIGINT"));
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    if (hidden) output.write(question);
    try {
      return await Promise.race([lines.question(hidden ? "" : question, { signal: stop.signal }), ended]);
    } finally {
      lines.close();
      if (hidden) output.write("\n");
    }
  };
}
