import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as fontkit from "fontkit";
import subsetFont from "subset-font";

/**
 * The fonts that the PDF brings along, the Noto family, all under the SIL Open Font License 1.1: each package is cut into
 * files by ranges of characters. Earlier ones win. One more script: its package here and in package.json.
 */
const FAMILIES = ["noto-sans", "noto-sans-arabic", "noto-sans-hebrew", "noto-sans-thai", "noto-sans-sc", "noto-sans-kr", "noto-emoji"];

export type Weight = "regular" | "bold";
const WEIGHTS: Readonly<Record<Weight, number>> = { regular: 400, bold: 600 };

/** Stands for a character that no font has. */
const MISSING = "\ufffd";

export interface LoadedFont {
  /** Unique among the fonts of a book. */
  readonly name: string;
  readonly font: fontkit.Font;
  readonly has: (codePoint: number) => boolean;
}

interface Slice {
  readonly name: string;
  readonly path: string;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** A piece of text that one font can set; `turned` is set from right to left. */
export interface Run {
  readonly font: LoadedFont;
  readonly text: string;
  readonly turned: boolean;
}

/** The fonts for the texts of one document: only files that it needs are read, and only glyphs that it needs are kept. */
export class FontBook {
  readonly #fonts: ReadonlyMap<Weight, ReadonlyMap<number, LoadedFont>>;
  readonly #fallback: ReadonlyMap<Weight, LoadedFont>;
  /** Whether a character was asked for that no font has. */
  missing = false;

  private constructor(fonts: ReadonlyMap<Weight, ReadonlyMap<number, LoadedFont>>, fallback: ReadonlyMap<Weight, LoadedFont>) {
    this.#fonts = fonts;
    this.#fallback = fallback;
  }

  /** Loads what is needed to set texts of these characters. */
  static async load(texts: Iterable<string>): Promise<FontBook> {
    // What every report needs, and ASCII so that the main font is never cut down to nothing.
    const wanted = new Set<number>([..."…–−·×/ \u00a0\ufffd"].map((character) => character.codePointAt(0)!));
    for (let code = 0x20; code < 0x7f; code++) wanted.add(code);
    for (const text of texts) for (const character of text.normalize("NFC")) wanted.add(character.codePointAt(0)!);
    const slices = await allSlices();
    const open = new Set(wanted);
    const fonts = new Map<Weight, Map<number, LoadedFont>>([["regular", new Map()], ["bold", new Map()]]);
    const fallback = new Map<Weight, LoadedFont>();
    for (const slice of slices) {
      const here = [...open].filter((code) => slice.ranges.some(([from, to]) => code >= from && code <= to));
      if (here.length === 0) continue;
      const bytes = await readFile(slice.path);
      for (const weight of ["regular", "bold"] as const) {
        const loaded = await instance(slice, bytes, here, weight);
        for (const code of here) {
          if (!loaded.has(code)) continue;
          fonts.get(weight)!.set(code, loaded);
          open.delete(code);
        }
        if (!fallback.has(weight) && loaded.has(0x41)) fallback.set(weight, loaded);
      }
    }
    return new FontBook(fonts, fallback);
  }

  /** Cuts a text into runs in the order in which they are set, words of scripts that run to the left turned around. */
  runs(text: string, weight: Weight): Run[] {
    const fonts = this.#fonts.get(weight)!;
    const fallback = this.#fallback.get(weight)!;
    const runs: { font: LoadedFont; text: string; turned: boolean }[] = [];
    for (const character of text.normalize("NFC")) {
      const code = character.codePointAt(0)!;
      // Joiners and variation selectors change what stands beside them and are nothing by themselves.
      if (code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) continue;
      let font = fonts.get(code);
      let written = character;
      if (!font) {
        this.missing = true;
        font = fallback;
        written = MISSING;
      }
      const turned = /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(character);
      const last = runs.at(-1);
      // A mark belongs to the letter before it, whatever file it lies in.
      const joins = last && ((last.font === font && last.turned === turned) || (/\p{M}/u.test(character) && last.font.has(code)));
      if (joins) last.text += written;
      else runs.push({ font, text: written, turned });
    }
    return turnedAround(runs);
  }
}

/** Words that run to the left, with what stands between them, in the order of the eye. */
function turnedAround(runs: Run[]): Run[] {
  const result: Run[] = [];
  for (let i = 0; i < runs.length; ) {
    if (!runs[i]!.turned) {
      result.push(runs[i++]!);
      continue;
    }
    let end = i + 1;
    while (end < runs.length && (runs[end]!.turned || (/^[^\p{L}\p{N}]+$/u.test(runs[end]!.text) && runs[end + 1]?.turned))) end++;
    result.push(...runs.slice(i, end).reverse());
    i = end;
  }
  return result;
}

let slices: Promise<Slice[]> | undefined;

function allSlices(): Promise<Slice[]> {
  return (slices ??= readSlices().catch((error: unknown) => {
    slices = undefined;
    throw error;
  }));
}

async function readSlices(): Promise<Slice[]> {
  const require = createRequire(import.meta.url);
  const found: Slice[] = [];
  for (const family of FAMILIES) {
    const index = require.resolve(`@fontsource-variable/${family}/unicode.json`);
    const ranges = JSON.parse(await readFile(index, "utf8")) as Record<string, string>;
    const ofFamily = Object.entries(ranges).map(([key, range]): Slice => {
      const slice = key.replace(/[[\]]/g, "");
      return { name: `${family}-${slice}`, path: join(dirname(index), "files", `${family}-${slice}-wght-normal.woff2`), ranges: range.split(",").map(span) };
    });
    // The letters of most texts first: other files of the family repeat some of them.
    found.push(...ofFamily.sort((a, b) => Number(b.name.endsWith("-latin")) - Number(a.name.endsWith("-latin"))));
  }
  return found;
}

/** "U+0460-052F" → [0x460, 0x52f]. */
function span(range: string): [number, number] {
  const [from, to] = range.trim().slice(2).split("-");
  return [Number.parseInt(from!, 16), Number.parseInt(to ?? from!, 16)];
}

/** One weight of a variable font as a font of its own, with the glyphs for these characters. */
async function instance(slice: Slice, bytes: Buffer, codes: readonly number[], weight: Weight): Promise<LoadedFont> {
  const small = await subsetFont(bytes, String.fromCodePoint(...codes), { targetFormat: "truetype", variationAxes: { wght: WEIGHTS[weight] } });
  const font = fontkit.create(small) as fontkit.Font;
  const name = `${slice.name}-${weight}`;
  // Weights and slices of a family carry the same name inside; the writer would take them for one font.
  Object.defineProperty(font, "postscriptName", { value: `Winnow-${name}` });
  const codesHeld = new Set(charactersOf(font));
  return { name, font, has: (code) => codesHeld.has(code) };
}

function charactersOf(font: fontkit.Font): number[] {
  try {
    return font.characterSet;
  } catch {
    // Its ranges promised characters of which it has none: what is left has no table of characters at all.
    return [];
  }
}
