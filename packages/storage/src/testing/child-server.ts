import { spawn } from "node:child_process";
import { once } from "node:events";

/** A server that runs as a process of its own. */
export interface ChildServer {
  readonly port: number;
  /** Ends that process and waits for its end. */
  close(): Promise<void>;
}

/** Starts a program and waits until it says its port on its output. @throws Error with what it said, when it ends before */
export async function startChildServer(command: string, words: readonly string[], says: RegExp): Promise<ChildServer> {
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  const port = await new Promise<number>((done, failed) => {
    const listen = (chunk: Buffer) => {
      // Its output is read to the end, or the program would stop at a full or closed pipe.
      if (said.length > 10_000) return;
      said += String(chunk);
      const found = says.exec(said)?.[1];
      if (found !== undefined) done(Number(found));
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", failed);
    child.once("exit", () => failed(new Error(`${command} ended before it served: ${said}`)));
  });
  return {
    port,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
