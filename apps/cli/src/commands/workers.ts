import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { connection, platform } from "../platform/platform.ts";
import { moment, table } from "../terminal/table.ts";

export const workers = command({
  name: "workers",
  group: "Work with a platform",
  summary: "list your compute workers and what they do",
  flags: { ...connection, json: flags.json },
  examples: ["winnow workers", "winnow workers --json"],
  async run({ flags: given }, io) {
    const client = await platform(given, io);
    const { domains } = await import("@winnow/client");
    const all = await client.call(domains.workers.getWorkerStatuses, { signal: io.stop });
    if (given.json) io.stdout.write(`${JSON.stringify(all)}\n`);
    else if (all.length === 0) io.stdout.write("No compute worker has been registered yet. Start one with `winnow worker`.\n");
    else io.stdout.write(table(io, [["NAME", "STATE", "LABELS", "LAST SEEN (UTC)", "RUNS", "ID"], ...all.map(({ name, state, labels, lastSeenAt, scheduledId, id }) => [name, state, labels.join(", ") || "-", moment(lastSeenAt), scheduledId ?? "-", id])]));
  },
});
