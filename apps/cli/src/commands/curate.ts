import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "../command.ts";
import { parseSelect } from "../curate/amount.ts";
import { claim } from "../files/claim.ts";
import { requireFolder, writable } from "../files/places.ts";
import { stateFolder } from "../files/user-folders.ts";
import * as flags from "../flags.ts";
import { requireDatasetName } from "../platform/dataset.ts";
import { connection, connectionOf, platform } from "../platform/platform.ts";
import { platformKey } from "../login/login-file.ts";
import { Progress } from "../terminal/progress.ts";

export const curate = command({
  name: "curate",
  group: "Work with a platform",
  summary: "upload a folder to a running platform and select the images worth labelling",
  resumes: true,
  arguments: [{ name: "PATH", summary: "folder with images, sub-folders included", completes: "folder" }],
  flags: {
    select: { value: "N", initial: 0.1, summary: "how many: a count such as 100, or a share such as 0.1", parse: parseSelect },
    method: flags.choiceOf("--method", ["coreset", "random"], "coreset", "how: the most different ones, or at random"),
    dataset: { value: "DATASET", summary: "name of the dataset; one is made when there is none. Default: WINNOW_DATASET, else the folder's name" },
    out: { value: "FILE", summary: "write the selected files, one path per line, relative to PATH, in the order of selection" },
    ...connection,
    json: flags.json,
  },
  notes: `All in one: images are checked and measured, embedded on this machine, uploaded with thumbnails and vectors, and selected into a
tag. Broken files, exact duplicates and files with a comma in their path are left out. winnow start does the same with a
platform of its own.

Run it again after files were added: only the new ones are read, the earlier selection stays, and to it is added what --select
says of the new images. What it remembers lies in your state folder (XDG_STATE_HOME, else
~/.local/state).`,
  examples: ["winnow curate photos", "winnow curate photos --select 100 --dataset streets --out chosen.txt", "winnow curate photos --server https://winnow.example.org --json"],
  async run({ flags: given, arguments: [path] }, io) {
    const called = resolve(io.cwd, path!);
    const folder = requireFolder(called);
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const name = given.dataset ?? (io.env["WINNOW_DATASET"]?.trim() || undefined);
    if (name !== undefined) requireDatasetName(name);
    const { url, token } = connectionOf(given, io);
    if (token === undefined) await platform(given, io); // says what to do about it
    const root = join(stateFolder(io), `curate-${createHash("sha256").update(platformKey(url)).digest("hex").slice(0, 16)}`);
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const release = claim(root, `what curate remembers in ${root}`);
    const progress = new Progress(io);
    try {
      const { curate: curateFolder, writePicks } = await import("../curate/curate.ts");
      const { reportOf } = await import("../curate/report.ts");
      const curated = await curateFolder({ folder, called, stateRoot: join(root, "datasets"), name, select: given.select, method: given.method, server: { url, token: token! }, progress, signal: io.stop });
      const { findings, datasetId, tagId, project } = curated;
      const gone = out === undefined ? 0 : writePicks(out, findings);
      await project();
      if (given.json) io.stdout.write(`${JSON.stringify({ datasetId, tagId, tag: findings.selection.tagName, ...findings })}\n`);
      else {
        io.stdout.write(reportOf(findings));
        if (out !== undefined) io.stdout.write(`\nThe selected files are listed in ${out}${gone === 0 ? "" : ` (without ${gone} that are no longer in the folder)`}\n`);
        io.stdout.write(`\nOpen ${url} to look at the tag "${findings.selection.tagName}" of the dataset "${findings.dataset}".\n`);
      }
    } finally {
      progress.clear();
      release();
    }
  },
});
