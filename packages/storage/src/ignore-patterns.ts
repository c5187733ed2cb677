/**
 * Patterns of gitignore, as "PATTERN FORMAT" of its manual page has them: the last match decides, `!` takes back, a slash
 * before the end ties a pattern to the root, a slash at the end means folders, `*` and `?` stay within a name, `**` crosses folders,
 * and nothing below an ignored folder can be taken back.
 */
export type IgnorePatterns = readonly IgnorePattern[];

interface IgnorePattern {
  readonly parts: readonly Part[];
  readonly takesBack: boolean;
  readonly foldersOnly: boolean;
}

/** One name of a pattern: any number of folders, or what its characters have to be. */
type Part = "**" | readonly Token[];
type Token = "*" | RegExp;

/** @throws RangeError for a pattern that can't match anything: an empty one, a lone `!` or `/` */
export function ignorePatterns(patterns: readonly string[]): IgnorePatterns {
  return patterns.map((pattern) => {
    const takesBack = pattern.startsWith("!");
    let text = takesBack ? pattern.slice(1) : pattern;
    const foldersOnly = text.endsWith("/");
    if (foldersOnly) text = text.slice(0, -1);
    const anchored = text.includes("/");
    if (text.startsWith("/")) text = text.slice(1);
    if (text === "") throw new RangeError(`the pattern "${pattern}" names nothing`);
    const parts = text.split("/").map((part): Part => (part === "**" ? "**" : tokens(part)));
    return { parts: anchored ? parts : ["**", ...parts], takesBack, foldersOnly };
  });
}

/** Whether a file is ignored. */
export function isIgnored(patterns: IgnorePatterns, path: string): boolean {
  const names = path.split("/").map((name) => Array.from(name));
  for (let depth = 1; depth < names.length; depth++) {
    if (decision(patterns, names.slice(0, depth), true)) return true;
  }
  return decision(patterns, names, false);
}

function decision(patterns: IgnorePatterns, names: readonly (readonly string[])[], isFolder: boolean): boolean {
  for (let i = patterns.length - 1; i >= 0; i--) {
    const { parts, takesBack, foldersOnly } = patterns[i] as IgnorePattern;
    // Two stars at the end are what is inside: one name at least.
    if ((isFolder || !foldersOnly) && fits(parts, names, (part) => part === "**", (part, name) => fits(part as readonly Token[], name, (token) => token === "*", (token, one) => (token as RegExp).test(one), 0), 1)) return !takesBack;
  }
  return false;
}

/**
 * Whether a pattern with wildcards fits a whole sequence. A wildcard takes as little as it can, and only the latest one
 * is given more: time is at most the product of both lengths, however the pattern was meant to take long.
 * @param lastTakes how many items a wildcard at the end has to take
 */
function fits<P, T>(pattern: readonly P[], items: readonly T[], isWild: (one: P) => boolean, matches: (one: P, item: T) => boolean, lastTakes: 0 | 1): boolean {
  let [at, item] = [0, 0];
  let [wild, wildItem] = [-1, 0];
  while (item < items.length) {
    const one = pattern[at];
    if (one !== undefined && isWild(one)) {
      if (at === pattern.length - 1) return true;
      wild = at++;
      wildItem = item;
    } else if (one !== undefined && matches(one, items[item] as T)) {
      at++;
      item++;
    } else if (wild >= 0) {
      at = wild + 1;
      item = ++wildItem;
    } else return false;
  }
  while (lastTakes === 0 && at < pattern.length && isWild(pattern[at] as P)) at++;
  return at === pattern.length;
}

function tokens(glob: string): Token[] {
  const found: Token[] = [];
  for (let i = 0; i < glob.length; ) {
    if (glob[i] === "*") {
      if (found.at(-1) !== "*") found.push("*");
      i++;
    } else {
      const [source, length] = globPart(glob.slice(i));
      found.push(new RegExp(`^${source}$`, "su"));
      i += length;
    }
  }
  return found;
}

/** The first character that a glob wants, as the source of a regular expression, and how much of the glob says so. */
function globPart(glob: string): readonly [source: string, length: number] {
  if (glob.startsWith("?")) return [".", 1];
  if (glob.startsWith("[")) {
    // A bracket right behind the opening one, or behind its negation, is a member.
    const found = /^\[([!^]?)(\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*)\]/su.exec(glob);
    // Without its end it is no class, and git then matches nothing.
    if (!found) return ["(?!)", glob.length];
    return [classSource(found[2] ?? "", found[1] !== ""), found[0].length];
  }
  if (glob.startsWith("\\")) return glob.length === 1 ? ["(?!)", 1] : [literal(String.fromCodePoint(glob.codePointAt(1) as number)), 1 + String.fromCodePoint(glob.codePointAt(1) as number).length];
  const one = String.fromCodePoint(glob.codePointAt(0) as number);
  return [literal(one), one.length];
}

const namedClasses: Readonly<Record<string, string>> = { alpha: "a-zA-Z", digit: "0-9", alnum: "a-zA-Z0-9", upper: "A-Z", lower: "a-z", space: "\\s", blank: " \\t", punct: "!-\\/:-@\\[-`\\{-~", xdigit: "0-9a-fA-F" };

function classSource(members: string, negated: boolean): string {
  let source = "";
  const parts = [...members.matchAll(/\[:([a-z]+):\]|\\(.)|(.)/gsu)];
  for (let i = 0; i < parts.length; i++) {
    const [, named, escaped, plain] = parts[i] as RegExpExecArray;
    if (named !== undefined) source += namedClasses[named] ?? "";
    else {
      const from = escaped ?? plain ?? "";
      const to = parts[i + 1]?.[3] === "-" ? (parts[i + 2]?.[2] ?? parts[i + 2]?.[3]) : undefined;
      if (to === undefined) source += member(from);
      else {
        i += 2;
        // Of a range that runs backwards git takes the first character.
        source += (from.codePointAt(0) as number) <= (to.codePointAt(0) as number) ? `${member(from)}-${member(to)}` : member(from);
      }
    }
  }
  if (source === "") return negated ? "." : "(?!)";
  return negated ? `[^${source}]` : `[${source}]`;
}

function literal(one: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(one) ? `\\${one}` : one;
}

/** As a member of a class, where a hyphen has a meaning too. */
function member(one: string): string {
  return one === "-" ? "\\-" : literal(one);
}
