import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as Server from "@winnow/server";
import type { Io } from "./io.ts";
import { Problem } from "./problems.ts";
import { databaseUrlOf } from "./store-settings.ts";

type Accounts = Awaited<ReturnType<typeof Server.openDatabase>>;

/**
 * Works on the accounts of a data folder, or of the database that flag or environment name, also while a server runs on it.
 * @throws Problem when nothing is there yet: what is made here would have no owner.
 */
export async function withAccounts<Result>(flags: { readonly data: string; readonly databaseUrl?: string | undefined }, io: Io, work: (db: Accounts, server: typeof Server) => Promise<Result>): Promise<Result> {
  const url = databaseUrlOf(flags, io);
  const path = resolve(io.cwd, flags.data);
  if (url === undefined && !existsSync(join(path, "winnow.db"))) throw new Problem(`There is no data folder at ${path} yet. Start the server on it first (winnow server --data ${flags.data}), or choose another with --data.`);
  const server = await import("@winnow/server");
  const db = await server.openDatabase(url ?? path);
  try {
    if (url !== undefined && (await server.listUsers(db)).length === 0) throw new Problem("There is nothing in that database yet. Start the server on it first (winnow server --database-url …).");
    return await work(db, server);
  } finally {
    await db.destroy();
  }
}
