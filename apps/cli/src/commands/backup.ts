import { resolve } from "node:path";
import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { Problem } from "../problems.ts";
import { blobStore, databaseUrl, storeNotes, storeSettings } from "../store-settings.ts";

const fileArgument = { name: "FILE", summary: "the backup" } as const;

export const backup = command({
  name: "backup",
  group: "Run a platform",
  summary: "write everything that is kept into one file, also while servers run",
  arguments: [fileArgument],
  flags: { data: flags.data, databaseUrl, blobStore, json: flags.json },
  notes: `Rows are those of one moment, and the files are those that they speak of. FILE appears when it is complete. It can be
restored into a data folder or into a PostgreSQL and an object store, whichever it comes from. Keep it as safe as the data
itself: it holds the key that credentials of datasources are sealed with, unless WINNOW_SEALING_KEY is set.
What \`winnow start\` remembers of folders is not in it.

${storeNotes}`,
  examples: ["winnow backup winnow.tar", "DATABASE_URL=postgres://… BLOB_STORE=s3://… winnow backup winnow.tar"],
  async run({ flags: given, arguments: [file] }, io) {
    const { configuration, backUp } = await import("@winnow/server");
    const path = resolve(io.cwd, file!);
    try {
      const facts = await backUp(configuration({ ...(await storeSettings(given, io)), dataFolder: resolve(io.cwd, given.data) }), path, { signal: io.stop });
      io.stdout.write(given.json ? `${JSON.stringify({ file: path, ...facts })}\n` : `${path}: ${facts.rows} rows, ${facts.files} files, ${megabytes(facts.bytes)}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new Problem(`${path}.unfinished is there: another backup writes it, or one was interrupted. Remove it when none is running.`);
      throw error;
    }
  },
});

export const restore = command({
  name: "restore",
  group: "Run a platform",
  summary: "fill an empty data folder, or an empty database and object store, from a backup",
  arguments: [fileArgument],
  flags: { data: flags.data, databaseUrl, blobStore, json: flags.json },
  notes: `Stop servers first. Nothing appears before all of the backup has been read and found whole. A backup of an older
release is brought up to date. Users, tokens and passwords are those of the backup.

${storeNotes}`,
  examples: ["winnow restore winnow.tar --data /srv/winnow", "DATABASE_URL=postgres://… BLOB_STORE=s3://… winnow restore winnow.tar"],
  async run({ flags: given, arguments: [file] }, io) {
    const { configuration, restore: restoreStores } = await import("@winnow/server");
    const path = resolve(io.cwd, file!);
    const facts = await restoreStores(configuration({ ...(await storeSettings(given, io)), dataFolder: resolve(io.cwd, given.data) }), path, { signal: io.stop });
    io.stdout.write(given.json ? `${JSON.stringify({ file: path, rows: facts.rows, files: facts.files, bytes: facts.bytes })}\n` : `Restored ${facts.rows} rows and ${facts.files} files, ${megabytes(facts.bytes)}. winnow doctor looks whether all is well.\n`);
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
