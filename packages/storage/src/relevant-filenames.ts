import { ignorePatterns, isIgnored, type IgnorePatterns } from "./ignore-patterns.ts";
import { compareBytes } from "./paths.ts";

/** What a file of relevant file names asks for. */
export interface RelevantFilenames {
  /** Paths that are named as they are. */
  readonly names: ReadonlySet<string>;
  readonly rules: readonly PrefixRule[];
}

interface PrefixRule {
  /** What stands before the first star: everything relevant by this rule starts with it. */
  readonly prefix: string;
  /** What follows the first star has to be in this order behind the prefix; the last one at the end, unless the line ends with a star. */
  readonly rest: readonly string[];
  readonly ignored: IgnorePatterns;
}

/** The file can't be used. The message names the line. */
export class RelevantFilenamesError extends Error {
  override name = "RelevantFilenamesError";
  constructor(
    message: string,
    /** From 1; 0 when it is about the whole file. */
    readonly line: number,
  ) {
    super(message);
  }
}

/**
 * Reads a list of relevant file names: a path per line, relative to the input, no leading `/`, no `.` or `..` parts.
 * A line with a star is a prefix up to it (`a/*` is everything below `a/`, in sub-folders too; `a/*.jpg` only what ends so);
 * gitignore patterns may follow after a blank and take out of it, over the whole path. A line without a star is one name, blanks included.
 * @throws RelevantFilenamesError
 */
export function parseRelevantFilenames(text: string): RelevantFilenames {
  const names = new Set<string>();
  const rules: PrefixRule[] = [];
  for (const [index, raw] of text.replace(/^\ufeff/, "").split("\n").entries()) {
    const line = raw.replace(/\r$/, "");
    if (line.trim() === "") continue;
    const star = line.indexOf("*");
    if (star === -1) {
      names.add(checkedName(line, index + 1, true));
      continue;
    }
    const blank = line.indexOf(" ", star);
    const word = blank === -1 ? line : line.slice(0, blank);
    const patterns = blank === -1 ? [] : line.slice(blank).split(" ").filter((pattern) => pattern !== "");
    const prefix = checkedName(word.slice(0, star), index + 1, false);
    try {
      rules.push({ prefix, rest: word.slice(star + 1).split(/\*+/), ignored: ignorePatterns(patterns) });
    } catch (error) {
      throw new RelevantFilenamesError(`Line ${index + 1}: ${(error as Error).message}.`, index + 1);
    }
  }
  if (names.size === 0 && rules.length === 0) throw new RelevantFilenamesError("The file of relevant file names is empty: leave it out to process everything.", 0);
  return { names, rules };
}

/** Whether a file is asked for. A rule takes out of what it brings in itself, not out of what other lines do. */
export function isRelevant({ names, rules }: RelevantFilenames, path: string): boolean {
  return names.has(path) || rules.some((rule) => path.startsWith(rule.prefix) && hasInOrder(path.slice(rule.prefix.length), rule.rest) && !isIgnored(rule.ignored, path));
}

/**
 * The prefixes that have to be listed to find everything a list asks for, sorted by bytes, none within another.
 * Names stand for themselves: many of them can be looked up one by one instead.
 */
export function relevantPrefixes({ names, rules }: RelevantFilenames): string[] {
  const sorted = [...new Set([...rules.map(({ prefix }) => prefix), ...names])].sort(compareBytes);
  const kept: string[] = [];
  for (const one of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !one.startsWith(last)) kept.push(one);
    // A name covers only itself: "a" is no prefix for "ab".
    else if (!rules.some(({ prefix }) => prefix === last || (last.startsWith(prefix) && one.startsWith(prefix)))) kept.push(one);
  }
  return kept;
}

function checkedName(name: string, line: number, whole: boolean): string {
  const refuse = (why: string) => new RelevantFilenamesError(`Line ${line}: "${name}" ${why}.`, line);
  if (name.startsWith("/")) throw refuse("starts with a slash: write paths relative to the input");
  if (name.includes("\0")) throw refuse("holds a zero byte: this is no text file");
  const parts = name.split("/");
  // A prefix may end in the middle of a name, so its last part is not yet one.
  const complete = whole ? parts : parts.slice(0, -1);
  if (complete.some((part) => part === "." || part === "..")) throw refuse('has "." or ".." in it: write paths relative to the input');
  if (complete.some((part) => part === "")) throw refuse(whole && name.endsWith("/") ? "is a folder: write its files, or its name with a star behind" : "has two slashes in a row");
  return name;
}

/** Whether texts follow each other: the first ones anywhere, the last one at the end. */
function hasInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts.slice(0, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  const last = parts.at(-1) ?? "";
  return text.length - from >= last.length && text.endsWith(last);
}
