import { resolve } from "node:path";
import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { blobStore, databaseUrl, storeNotes, storeSettings } from "../store-settings.ts";

export const doctor = command({
  name: "doctor",
  group: "Run a platform",
  summary: "look whether everything that must hold of the stored data does, and say what to do where it doesn't",
  flags: {
    data: flags.data,
    databaseUrl,
    blobStore,
    removeOrphans: { summary: "also remove files that belong to nothing any more" },
    json: flags.json,
  },
  notes: `It changes nothing unless told to, and may run beside servers. It ends with 1 when something is lost or broken.

${storeNotes}`,
  examples: ["winnow doctor", "winnow doctor --data /srv/winnow --json"],
  async run({ flags: given }, io) {
    const { configuration, examineStores, removeOrphans } = await import("@winnow/server");
    const settings = configuration({ ...(await storeSettings(given, io)), dataFolder: resolve(io.cwd, given.data) });
    const outcomes = await examineStores(settings, ({ check, count, findings }) => {
      if (given.json) return;
      io.stdout.write(`${count === 0 ? "ok" : findings.some(({ severity }) => severity === "problem") ? "PROBLEM" : "notice"}: ${check}\n`);
      for (const { what, advice } of findings) io.stdout.write(`  ${what}\n    ${advice}\n`);
      if (count > findings.length) io.stdout.write(`  … and ${count - findings.length} more\n`);
    });
    const removed = given.removeOrphans ? await removeOrphans(settings) : undefined;
    const problems = outcomes.reduce((sum, { findings, count }) => sum + (findings.some(({ severity }) => severity === "problem") ? count : 0), 0);
    if (given.json) io.stdout.write(`${JSON.stringify({ problems, ...(removed !== undefined && { removed }), checks: outcomes })}\n`);
    else {
      if (removed !== undefined) io.stdout.write(`Removed ${removed} files that belonged to nothing.\n`);
      io.stdout.write(problems === 0 ? `All is well: ${outcomes.length} checks.\n` : `${problems} problem${problems === 1 ? "" : "s"} in ${outcomes.length} checks.\n`);
    }
    return problems === 0 ? 0 : 1;
  },
});
