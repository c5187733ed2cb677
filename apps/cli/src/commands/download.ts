import { resolve } from "node:path";
import { command } from "../command.ts";
import { requireFolder, writable } from "../files/places.ts";
import { writeWhole } from "../files/write-whole.ts";
import * as flags from "../flags.ts";
import { INCOMPLETE, Problem, UsageError } from "../problems.ts";
import { datasetFlag, findTag, tagFlag, useDataset } from "../platform/dataset.ts";
import { connection, platform } from "../platform/platform.ts";
import { named } from "../terminal/listed.ts";
import { Progress, number } from "../terminal/progress.ts";

export const download = command({
  name: "download",
  group: "Work with a platform",
  summary: "get the file names of a tag, or its images",
  resumes: true,
  flags: {
    dataset: datasetFlag,
    tag: tagFlag,
    excludeParentTag: { summary: "leave out what is in the tag that this one was made from" },
    out: { value: "FILE", summary: "write the names there, one per line; else they are printed, unless --images is given" },
    images: { value: "DIR", summary: "put the images there; made when there is none" },
    copyFrom: { value: "DIR", summary: "with --images: copy them from this folder, in place of downloading them" },
    parallel: { value: "N", initial: 8, summary: "images at a time", parse: flags.whole("--parallel", 1, 64) },
    ...connection,
    json: flags.json,
  },
  notes: `Images come byte for byte as they were uploaded; the dataset must have been uploaded with --mode full, unless they are copied.
Files that are there already are skipped. A file appears under its name only when it is complete. The exit code is 3 when some could not be had.`,
  examples: [
    "winnow download --dataset streets --tag chosen --out chosen.txt",
    "winnow download --dataset streets --tag chosen --images chosen",
    "winnow download --dataset streets --tag chosen --copy-from photos --images chosen",
    "winnow download --dataset streets --tag second-round --exclude-parent-tag",
  ],
  async run({ flags: given }, io) {
    const signal = io.stop;
    if (given.copyFrom !== undefined && given.images === undefined) throw new UsageError("--copy-from needs --images: the folder to copy into.");
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const from = given.copyFrom === undefined ? undefined : requireFolder(resolve(io.cwd, given.copyFrom));
    const to = given.images === undefined ? undefined : resolve(io.cwd, given.images);
    const client = await platform(given, io);
    await useDataset(client, given.dataset, io);
    const tag = await findTag(client, given.tag, signal);
    const excludeParentTag = given.excludeParentTag === true;
    if (excludeParentTag && !tag.prevTagId) throw new Problem(`The tag ${tag.name} was made from no other: leave out --exclude-parent-tag.`);
    const names = await client.getFilenamesInTag(tag, { excludeParentTag, signal });
    const list = names.map((name) => `${name}\n`).join("");
    if (out !== undefined) writeWhole(out, list);
    if (to === undefined) {
      if (given.json) io.stdout.write(`${JSON.stringify({ tag: tag.name, fileNames: names })}\n`);
      else if (out === undefined) io.stdout.write(list);
      else io.stdout.write(`${number(names.length)} names of the tag ${tag.name} written to ${out}.\n`);
      return 0;
    }
    const progress = new Progress(io);
    try {
      const stage = progress.stage(from === undefined ? "Downloading" : "Copying");
      const { total, downloaded, skipped, failed, failedCount } = await client.downloadDataset(to, {
        tagName: tag.name,
        excludeParentTag,
        ...(from !== undefined && { inputDir: from }),
        maxWorkers: given.parallel,
        onProgress: ({ done, total }) => stage.update(done, total),
        signal,
      });
      const verb = from === undefined ? "downloaded" : "copied";
      stage.done(`${number(downloaded)} ${verb}`, downloaded);
      if (given.json) io.stdout.write(`${JSON.stringify({ tag: tag.name, total, [verb]: downloaded, skipped, failed, failedCount })}\n`);
      else {
        io.stderr.write(named("Failed", failed, failedCount));
        io.stdout.write(`${number(downloaded)} of ${number(total)} images ${verb} to ${to}, ${number(skipped)} there already, ${number(failedCount)} failed.\n`);
      }
      return failedCount > 0 ? INCOMPLETE : 0;
    } finally {
      progress.clear();
    }
  },
});
