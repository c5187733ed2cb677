import { join, resolve } from "node:path";
import { realpathSync } from "node:fs";
import type { RunningServer } from "@winnow/server";
import { closeServer } from "../closing.ts";
import { command } from "../command.ts";
import { allowAddress, allowFolder, datasourceNotes, datasourceSettings } from "../datasource-settings.ts";
import * as flags from "../flags.ts";
import { stopped } from "../io.ts";
import { type LocalWorker, startLocalWorker } from "../local-worker.ts";
import { UsageError } from "../problems.ts";
import { parseSelect } from "../curate/amount.ts";
import { isDatasetName } from "../curate/names.ts";
import { requireFolder, writable } from "../files/places.ts";
import { blobStore, databaseUrl, storeNotes, storeSettings } from "../store-settings.ts";
import { webFolder } from "../web-folder.ts";
import { firstToken, ownerToken } from "./server.ts";

export const start = command({
  name: "start",
  group: "Curate on this machine",
  resumes: true,
  summary: "run the platform and select the images of a folder that are worth labelling",
  arguments: [{ name: "PATH", summary: "folder with images, sub-folders included; without it a demo collection is drawn", optional: true, completes: "folder" }],
  flags: {
    select: { value: "N", initial: 0.1, summary: "how many: a count such as 100, or a share such as 0.1", parse: parseSelect },
    method: flags.choiceOf("--method", ["coreset", "random"], "coreset", "how: the most different ones, or at random"),
    name: { value: "DATASET", summary: "dataset to put the images into; the folder's name unless given", parse: parseName },
    data: flags.data,
    port: flags.port,
    host: flags.host,
    databaseUrl,
    blobStore,
    allowFolder,
    allowAddress,
    out: { value: "FILE", summary: "write the selected files, one path per line, relative to PATH, in the order of selection" },
    withoutWorker: { summary: "start no compute worker beside it; one is for datasets with a datasource" },
    once: { summary: "end when it is done, instead of staying up" },
    json: flags.json,
  },
  notes: `Run it again after files were added: only the new ones are read, the earlier selection stays, and to it is
added what --select says of the new images: that share of them (at least one), or that many more. With other
--select or --method and no new files, a selection is made from scratch.

A file that changed is read and uploaded again and counts as new; a file that was deleted stays in the dataset, and
is left out of --out.

Images are copied into the data folder (as they are, and as thumbnails), so that the platform can show and export
them. It needs the room of the images themselves and some 60 KB for each. Broken files, exact duplicates and files
with a comma in their path are left out. PATH may be the datasource of a dataset, as after --allow-folder.

${storeNotes}

${datasourceNotes}`,
  examples: ["winnow start", "winnow start ~/photos --select 100 --out chosen.txt", "winnow start ~/photos --select 0.05 --once", "npm start -- ~/photos"],
  async run({ flags: given, arguments: [path] }, io) {
    const { Progress } = await import("../terminal/progress.ts");
    const { curate, writePicks } = await import("../curate/curate.ts");
    // What can be known to go wrong goes wrong before any work.
    const called = path === undefined ? undefined : resolve(io.cwd, path);
    const own = called === undefined ? undefined : requireFolder(called);
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const { startServer } = await import("@winnow/server");
    const environmentToken = ownerToken(io.env);
    const stores = await storeSettings(given, io);
    const running = await startServer({ ...stores, ...datasourceSettings(given, io, own), dataFolder: resolve(io.cwd, given.data), port: given.port, host: given.host, ownerToken: environmentToken, webFolder: webFolder() });
    const progress = new Progress(io);
    let worker: LocalWorker | undefined;
    try {
      const dataFolder = realpathSync(resolve(io.cwd, given.data));
      progress.say(`Winnow listens at ${running.url}`);
      // With --json standard output is one JSON text; the token is shown this once, so it goes where people read.
      if (running.newToken !== undefined) (given.json ? io.stderr : io.stdout).write(`${firstToken(running.newToken, running.url).trimStart()}\n`);
      const { workingToken } = await import("../start/own-token.ts");
      const token = await workingToken(running, dataFolder, environmentToken, stores.databaseUrl);
      const { demoFolder } = await import("../start/demo-folder.ts");
      const folder = own ?? (await demoFolder(dataFolder, progress, io.stop));
      const { reportOf } = await import("../curate/report.ts");
      const { findings, datasetId, tagId, project } = await curate({
        folder,
        called: called ?? folder,
        stateRoot: join(dataFolder, "start"),
        name: given.name,
        select: given.select,
        method: given.method,
        server: { url: running.url, token },
        progress,
        signal: io.stop,
      });
      const gone = out === undefined ? 0 : writePicks(out, findings);
      if (given.json) io.stdout.write(`${JSON.stringify({ url: running.url, datasetId, tagId, tag: findings.selection.tagName, ...findings })}\n`);
      else io.stdout.write(`\n${reportOf(findings)}`);
      if (out !== undefined && !given.json) {
        io.stdout.write(`\nThe selected files are listed in ${out}${gone === 0 ? "" : ` (without ${gone} that are no longer in the folder)`}\n`);
      }
      if (given.once) return;
      await project();
      (given.json ? io.stderr : io.stdout).write(`\n${openAt(running, given.host, environmentToken === undefined ? token : undefined)}\n`);
      if (!given.withoutWorker) worker = startLocalWorker({ url: running.url, token, dataFolder, env: io.env });
      progress.say("Running until Ctrl-C.");
      await stopped(io);
    } finally {
      progress.clear();
      await worker?.stop();
      await closeServer(running);
    }
  },
});

/** The address to open. The token stands in it only where nobody but this machine can use it, and behind `#`, which browsers keep to themselves. */
function openAt({ url }: RunningServer, host: string, token: string | undefined): string {
  if (token === undefined) return `Open ${url} with the token from WINNOW_TOKEN`;
  const local = host === "localhost" || host === "::1" || host.startsWith("127.");
  return local ? `Open ${url}/#token=${token}` : `Open ${url} with your token (winnow token create makes one)`;
}

function parseName(text: string): string {
  if (!isDatasetName(text)) throw new UsageError(`--name must have at least 3 characters: letters, digits, blanks, _ and -, the first a letter or digit; ${JSON.stringify(text)} has not.`);
  return text;
}
