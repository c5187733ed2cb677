/** A server as a process of its own, which can be killed. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type S3Server, s3Key, s3Region } from "@winnow/storage/testing";
import type { Configuration } from "../configuration.ts";
import type { TestDatabase } from "./postgres.ts";

const built = new URL("../../dist/index.js", import.meta.url).href;
const program = `
  const { startServer } = await import(${JSON.stringify(built)});
  const running = await startServer(JSON.parse(process.env.WINNOW_TEST_SETTINGS)).catch((error) => { console.log("failed " + error.message); process.exit(1); });
  console.log("listens " + running.url);
  process.once("SIGTERM", () => running.close().then(() => process.exit(0)));
`;

/** Settings that several servers have in common: one PostgreSQL, one S3 service, and leases so short that a killed one's work is soon taken over. */
export function sharedSettings(database: TestDatabase, s3: S3Server, ownerToken: string) {
  return {
    databaseUrl: database.url,
    databaseConnections: 4,
    blobStore: { type: "s3", path: "winnow-blobs", region: s3Region, endpoint: s3.endpoint, credentials: s3Key },
    sealingKey: "5e".repeat(32),
    ownerToken,
    jobLeaseSeconds: 3,
    threads: 1,
  } as const satisfies Partial<Configuration>;
}

export class ServerProcess {
  #child?: ChildProcess;
  #url?: string;

  /** @param settings with a data folder that no other process uses; its port is kept over restarts */
  constructor(readonly settings: Partial<Configuration>) {}

  get url(): string {
    return this.#url!;
  }

  /** @throws Error with what the server says, when it doesn't start */
  async start(): Promise<void> {
    const port = this.#url === undefined ? 0 : Number(new URL(this.#url).port);
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, WINNOW_TEST_SETTINGS: JSON.stringify({ logLevel: "silent", ...this.settings, port }) }, execArgv: [] } as object);
    this.#child = child;
    let said = "";
    for await (const chunk of child.stdout!) {
      said += String(chunk);
      const [, how, text] = /^(listens|failed) (.*)\n/.exec(said) ?? [];
      if (how === "failed") throw new Error(text);
      if (how === "listens") {
        this.#url = text!;
        return;
      }
    }
    throw new Error(`the server ended before it listened: ${said}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
