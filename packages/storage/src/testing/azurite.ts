import { createRequire } from "node:module";
import { startChildServer } from "./child-server.ts";

/** The account that every Azurite has; its key is published. */
export const azuriteAccount = { accountName: "devstoreaccount1", accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==" } as const;

/** Microsoft's emulator of Azure Storage, the blob service of it, as a process on a free port. */
export async function startAzurite(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const program = createRequire(import.meta.url).resolve("azurite/dist/src/blob/main.js");
  const server = await startChildServer(process.execPath, [program, "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", "0"], /listens? on http:\/\/127\.0\.0\.1:(\d+)/i);
  return { endpoint: `http://127.0.0.1:${server.port}/${azuriteAccount.accountName}`, close: server.close };
}
