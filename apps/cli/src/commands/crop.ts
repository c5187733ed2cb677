import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { command } from "../command.ts";
import * as shared from "../flags.ts";
import { INCOMPLETE, Problem, UsageError } from "../problems.ts";

export const crop = command({
  name: "crop",
  group: "Curate on this machine",
  summary: "cut the labelled objects out of images, into a folder per class",
  arguments: [
    { name: "IMAGES", summary: "folder of the images", completes: "folder" },
    { name: "LABELS", summary: "folder of their YOLO label files: a/b.txt goes with a/b.jpg", completes: "folder" },
    { name: "OUT", summary: "folder for the crops; made when there is none", completes: "folder" },
  ],
  flags: {
    names: { value: "FILE", summary: "names of the classes, a line each, or a data.yaml; without it folders are called by number" },
    padding: { value: "P", initial: 0.1, summary: "grow each box by this share of its width and height", parse: parsePadding },
    format: shared.choiceOf("--format", ["png", "jpg"], "png", "of the crops"),
    json: shared.json,
  },
  notes: "A crop is called OUT/CLASS/PATH-N.png: PATH is that of its image without extension, N counts its boxes from 0.",
  examples: ["winnow crop photos photos-labels crops --names classes.txt --padding 0.2"],
  async run({ flags: given, arguments: [images, labels, out] }, io) {
    const { openYolo } = await import("../labels/yolo-folder.ts");
    const { cropImage, encodeJpeg, encodePng, ImageError, splitExtension, uprightPixels } = await import("@winnow/media");
    const yolo = await openYolo(io.cwd, { images: images!, labels: labels!, names: given.names }, io.stop);
    const folders = yolo.classes && classFolders(yolo.classes);
    const target = resolve(io.cwd, out!);
    const encode = given.format === "jpg" ? (pixels: Parameters<typeof encodeJpeg>[0]) => encodeJpeg(pixels, 95) : encodePng;
    const refused: string[] = [];
    const stems = new Set<string>();
    let [seen, crops] = [0, 0];
    for await (const one of yolo.images) {
      io.stop.throwIfAborted();
      if (one instanceof Error) {
        refused.push(one.message);
        continue;
      }
      if (one.boxes === undefined) continue;
      seen++;
      if (one.boxes.length === 0) continue;
      const { fileName, path } = one.image;
      const { filename: stem } = splitExtension(fileName);
      if (stems.has(stem)) {
        refused.push(`${fileName}: another image has the same name but for its extension, and the same label file.`);
        continue;
      }
      stems.add(stem);
      try {
        const pixels = await uprightPixels(path);
        const { width, height } = pixels;
        const cut = await cropImage(pixels, one.boxes.map((box) => [box.x * width, box.y * height, box.width * width, box.height * height] as const), { padding: given.padding });
        for (const [i, piece] of cut.entries()) {
          if (piece === undefined) {
            refused.push(`${fileName}: box ${i} lies outside the image.`);
            continue;
          }
          const file = join(target, folders === undefined ? String(one.boxes[i]!.category) : folders[one.boxes[i]!.category]!, `${stem}-${i}.${given.format}`);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, await encode(piece));
          crops++;
        }
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        refused.push(`${fileName}: ${error.message}.`);
      }
    }
    if (seen === 0 && refused.length === 0) throw new Problem(`No image of ${resolve(io.cwd, images!)} has a label file in ${resolve(io.cwd, labels!)}: a/b.jpg is looked for as a/b.txt.`);
    if (given.json) io.stdout.write(`${JSON.stringify({ images: seen, crops, refused })}\n`);
    else {
      for (const sentence of refused) io.stderr.write(`${sentence}\n`);
      io.stdout.write(`${crops} crops of ${seen} images written to ${target}.\n`);
    }
    return refused.length > 0 ? INCOMPLETE : 0;
  },
});

/** Classes as names of folders: what would lead elsewhere or be hidden is replaced. @throws Problem when two come out the same */
function classFolders(classes: readonly string[]): string[] {
  const folders = classes.map((name) => name.replaceAll(/[/\\:*?"<>|\p{Cc}]/gu, "_").replace(/^\./, "_").replace(/[. ]+$/, "_"));
  const taken = new Map<string, string>();
  for (const [i, folder] of folders.entries()) {
    const other = taken.get(folder.toLowerCase());
    if (other !== undefined) throw new Problem(`The classes ${JSON.stringify(other)} and ${JSON.stringify(classes[i])} would share a folder. Rename one in --names.`);
    taken.set(folder.toLowerCase(), classes[i]!);
  }
  return folders;
}

function parsePadding(text: string): number {
  const padding = Number(text);
  if (text.trim() === "" || !(padding >= 0 && padding <= 100)) throw new UsageError(`--padding must be a number from 0, such as 0.1, not ${JSON.stringify(text)}.`);
  return padding;
}
