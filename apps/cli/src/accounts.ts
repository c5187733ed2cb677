import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type * as Server from "@winnow/server";
import type { Io } from "./io.ts";
import { Problem } from "./problems.ts";

type Accounts = Awaited<ReturnType<typeof Server.openDatabase>>;

/**
 * Works on the accounts of a data folder, also while a server runs on it.
 * @throws Problem when the folder isn't a data folder: one made here would have no owner.
 */
export async function withAccounts<Result>(folder: string, io: Io, work: (db: Accounts, server: typeof Server) => Promise<Result>): Promise<Result> {
  const path = resolve(io.cwd, folder);
  if (!existsSync(join(path, "winnow.db"))) throw new Problem(`There is no data folder at ${path} yet. Start the server on it first (winnow server --data ${folder}), or choose another with --data.`);
  const server = await import("@winnow/server");
  const db = await server.openDatabase(path);
  try {
    return await work(db, server);
  } finally {
    await db.destroy();
  }
}
