import { ConversionError } from "../side-files/side-file-error.ts";

/** A line of a YOLO label file: the box in shares of the image's width and height, from its left upper corner. */
export interface YoloBox {
  readonly category: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0…1; 1 where the file holds labels without confidence. */
  readonly score: number;
}

/**
 * Reads a YOLO label file: per line a class from 0, centre and size of its box in shares of the image, and a confidence where
 * a model wrote it. A line with more values is an outline (class, x, y, x, y, …) and counts as the box around it.
 * @param categories how many classes there are
 * @throws ConversionError naming file, line and what is expected
 */
export function readYoloLabels(text: string, { file, categories }: { readonly file: string; readonly categories: number }): YoloBox[] {
  const boxes: YoloBox[] = [];
  for (const [number, line] of text.split(/\r?\n/).entries()) {
    const trimmed = (number === 0 && line.charCodeAt(0) === 0xfeff ? line.slice(1) : line).trim();
    if (trimmed === "") continue;
    const values = trimmed.split(/\s+/).map(Number);
    const fail = (expected: string, got: string): never => {
      throw new ConversionError(file, `line ${number + 1}`, expected, got);
    };
    if (values.length < 5 || !values.every(Number.isFinite)) fail("a class and at least four numbers: centre x, centre y, width, height", JSON.stringify(trimmed.slice(0, 80)));
    const category = values[0]!;
    if (!Number.isInteger(category) || category < 0 || category >= categories) fail(`a class from 0 to ${categories - 1}`, String(category));
    if (values.length > 6) {
      if (values.length % 2 !== 1) fail("pairs of x and y behind the class", `${values.length - 1} numbers`);
      const [xs, ys] = [0, 1].map((k) => values.filter((_, i) => i > 0 && (i - 1) % 2 === k)) as [number[], number[]];
      const [left, top] = [least(xs), least(ys)];
      boxes.push({ category, x: left, y: top, width: -least(xs.map((x) => -x)) - left, height: -least(ys.map((y) => -y)) - top, score: 1 });
      continue;
    }
    const [, x, y, width, height, score = 1] = values as [number, number, number, number, number, number?];
    if (width < 0 || height < 0) fail("a width and height from 0", `${width}, ${height}`);
    if (score < 0 || score > 1) fail("a confidence from 0 to 1", String(score));
    boxes.push({ category, x: x - width / 2, y: y - height / 2, width, height, score });
  }
  return boxes;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

/**
 * Reads the names of YOLO's classes in their order: a line for each (`classes.txt`, `obj.names`), or the `names` of a
 * `data.yaml`, as a list in brackets, a list of lines with dashes, or numbered lines.
 * @throws ConversionError
 */
export function readYoloNames(text: string, file: string): string[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const names = /\.ya?ml$/i.test(file) ? yamlNames(lines, file) : lines.map((line) => line.trim()).filter((line) => line !== "");
  if (names.length === 0) throw new ConversionError(file, "", "a list of the classes' names", "none");
  const seen = new Set<string>();
  const repeated = names.find((name) => seen.size === seen.add(name).size);
  if (repeated !== undefined) throw new ConversionError(file, "", "a list of names that are each unique", `${JSON.stringify(repeated)} twice`);
  return names;
}

function yamlNames(lines: readonly string[], file: string): string[] {
  const start = lines.findIndex((line) => /^names\s*:/.test(line));
  if (start === -1) throw new ConversionError(file, "names", "the classes' names", "nothing");
  const inline = lines.slice(start).join(" ").match(/^names\s*:\s*\[([^\]]*)\]/);
  if (inline !== null) return inline[1]!.split(",").map(unquoted).filter((name) => name !== "");
  const names: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const dashed = /^\s*-\s+(.*)$/.exec(line);
    const numbered = /^\s+(\d+)\s*:\s*(.*)$/.exec(line);
    if (dashed === null && numbered === null) break;
    if (numbered !== null && Number(numbered[1]) !== names.length) throw new ConversionError(file, "names", `classes numbered from 0 without gaps`, `${numbered[1]} where ${names.length} should be`);
    names.push(unquoted((dashed === null ? numbered![2]! : dashed[1]!).replace(/\s+#.*$/, "")));
  }
  return names;
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
