import { domains } from "@winnow/client";
import { moment, table } from "../accounts.ts";
import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { platform, platformNotes, serverFlag } from "../platform.ts";

export const workers = command({
  name: "workers",
  summary: "list your compute workers and what they do",
  flags: { server: serverFlag, json: flags.json },
  notes: platformNotes,
  examples: ["winnow workers", "winnow workers --json"],
  async run({ flags: given }, io) {
    const client = platform(given.server, io);
    const all = await client.call(domains.workers.getWorkerStatuses, { signal: io.stop });
    if (given.json) io.stdout.write(`${JSON.stringify(all)}\n`);
    else if (all.length === 0) io.stdout.write("No compute worker has been registered yet. Start one with `winnow worker`.\n");
    else io.stdout.write(table([["NAME", "STATE", "LABELS", "LAST SEEN (UTC)", "RUNS", "ID"], ...all.map(({ name, state, labels, lastSeenAt, scheduledId, id }) => [name, state, labels.join(", ") || "-", moment(lastSeenAt), scheduledId ?? "-", id])]));
  },
});
