const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const tenth = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** 12345 → "12,345". */
export function countText(value: number): string {
  return whole.format(value);
}

/** Four significant digits: 0.123456 → "0.1235"; "–" for what isn't a number; very small values as 1.2e-7. */
export function numberText(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e12)) return value.toExponential(1);
  return significant.format(value);
}

/** A share in per cent: 0.1234 → "12.3 %"; "–" without a whole. */
export function shareText(part: number, whole: number): string {
  if (!(whole > 0)) return "–";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent < 100 && percent > 99.9) return "> 99.9 %";
  return `${tenth.format(percent)} %`;
}

/** 0.034 → "34 ms", 4.2 → "4.2 s", 75 → "1 min 15 s", 7300 → "2 h 2 min". */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 0.0005) return "0 s";
  if (seconds < 1) return `${whole.format(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${tenth.format(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${countText(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** Items per second; "–" where nothing was done or it took no measurable time. */
export function rateText(items: number, seconds: number): string {
  if (!(items > 0) || !(seconds >= 0.0005)) return "–";
  return `${numberText(Number((items / seconds).toPrecision(3)))} / s`;
}

/** "25 November 2026, 19:20 UTC". */
export function dateText(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return "–";
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(date);
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}

/** "1 image", "2 images": the plural is given, the singular is that without its last s. */
export function counted(count: number, plural: string): string {
  return `${countText(count)} ${count === 1 ? singular(plural) : plural}`;
}

function singular(plural: string): string {
  return plural
    .split(" ")
    .map((word) => (word === "and" ? word : word.replace(/ies$/, "y").replace(/s$/, "")))
    .join(" ");
}

/**
 * Text from outside (names of files, classes, datasets) as it may be shown: control characters and those that turn the
 * direction of writing are spelled out, so that a name can't look like another or break a line. Letters and their marks
 * are put together (NFC), so that they are cut and measured as one.
 */
export function shown(text: string): string {
  return text.normalize("NFC").replace(/\p{Surrogate}/gu, "\ufffd").replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

/** Keeps both ends of a text that is longer than so many characters: a file's folder and its own name both say something. */
export function shortened(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  const head = Math.max(1, Math.floor((charactersMax - 1) * 0.4));
  const tail = Math.max(1, charactersMax - 1 - head);
  return `${characters.slice(0, head).join("")}…${characters.slice(-tail).join("")}`;
}
