/**
 * Code blocks of a page of documentation, with what the page says about how they are tested. It says so in comments
 * that readers don't see, right before a block:
 *
 *     <!-- test: skip because REASON -->    isn't run; the reason is listed, and the number of these is limited
 *     <!-- test: joined -->                 goes on where the block before it ended: both are one program
 *     <!-- test: new account -->            from here on another account, which has no datasets yet
 *     <!-- test: with a worker -->          while a compute worker of the account runs
 *     <!-- test: file NAME -->              is the content of a file in the folder of the page
 *     <!-- test: until TEXT -->             goes on until it is stopped; that is done when it has printed TEXT
 *     <!-- test: prints TEXT -->            has to print TEXT
 *     <!-- test: before                     code in the language of the block that is run before it, of as many lines
 *     CODE -->                              as it takes: what the text around the block takes for granted
 */

export interface Block {
  /** What stands behind the opening fence; "" when nothing does, which no page may do. */
  readonly language: string;
  readonly code: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly skip?: string;
  readonly joined: boolean;
  readonly newAccount: boolean;
  readonly worker: boolean;
  readonly file?: string;
  readonly until?: string;
  readonly prints: readonly string[];
  readonly before: string;
}

/** Languages that tests run, or read. */
export const RUN = ["ts", "sh", "python"] as const;
export const READ = ["json"] as const;
/** What programs print, files and pictures of letters: nothing to run. */
export const SHOWN = ["text", "diff", "csv", "ini", "yaml", "nginx", "sql"] as const;

/** @throws Error naming the line of what isn't understood */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = page.split("\n");
  let marks: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.startsWith("<!-- test:")) {
      const began = i;
      while (!lines[i]!.endsWith("-->")) if (++i >= lines.length) throw new Error(`line ${began + 1}: this comment has no end`);
      marks.push(lines.slice(began, i + 1).join("\n").replace(/^<!-- test:\s*/, "").replace(/\s*-->$/, ""));
      continue;
    }
    const fence = /^(\s*)(`{3,}|~{3,})\s*(\S*)/.exec(line);
    if (fence) {
      const began = i;
      const [, indent, ticks, language] = fence;
      while (lines[++i]?.trim() !== ticks) if (i >= lines.length) throw new Error(`line ${began + 1}: this block has no end`);
      const code = lines.slice(began + 1, i).map((text) => (text.startsWith(indent!) ? text.slice(indent!.length) : text)).join("\n");
      blocks.push({ language: language!, code: `${code}\n`, line: began + 1, ...told(marks, began + 1) });
      marks = [];
    } else if (line.trim() !== "" && marks.length > 0) {
      throw new Error(`line ${i + 1}: a comment for tests stands right before a block, and here is none`);
    }
  }
  if (marks.length > 0) throw new Error("the page ends with a comment for tests and no block");
  return blocks;
}

type Told = Omit<Block, "language" | "code" | "line">;

function told(marks: readonly string[], line: number): Told {
  const said = marks.map((mark) => {
    const [, word, rest = ""] = /^(skip because|joined|new account|with a worker|file|until|prints|before)(?:\s+([^]*))?$/.exec(mark) ?? [];
    if (word === undefined) throw new Error(`line ${line}: no test knows what "${mark}" means`);
    if (rest === "" && !FLAGS.includes(word)) throw new Error(`line ${line}: "${word}" says nothing`);
    return { word, rest };
  });
  const has = (wanted: string): boolean => said.some(({ word }) => word === wanted);
  const all = (wanted: string): string[] => said.filter(({ word }) => word === wanted).map(({ rest }) => rest);
  const one = (key: "skip" | "file" | "until", wanted: string): Partial<Told> => (has(wanted) ? { [key]: all(wanted)[0]! } : {});
  return { joined: has("joined"), newAccount: has("new account"), worker: has("with a worker"), prints: all("prints"), before: all("before").map((code) => `${code}\n`).join(""), ...one("skip", "skip because"), ...one("file", "file"), ...one("until", "until") };
}

const FLAGS: readonly string[] = ["joined", "new account", "with a worker"];

/** Steps of a page in their order; blocks that are joined are one step, where the last of them stands. */
export function stepsOf(blocks: readonly Block[]): Block[] {
  const steps: Block[] = [];
  for (const block of blocks) {
    const earlier = block.joined ? steps.findLast(({ language, skip }) => language === block.language && skip === undefined) : undefined;
    if (block.joined && earlier === undefined) throw new Error(`line ${block.line}: there is no block that this one could be joined to`);
    if (earlier) steps.splice(steps.indexOf(earlier), 1);
    steps.push(earlier ? { ...block, before: `${earlier.before}${earlier.code}${block.before}`, newAccount: block.newAccount || earlier.newAccount, worker: block.worker || earlier.worker, prints: [...earlier.prints, ...block.prints] } : block);
  }
  return steps;
}
