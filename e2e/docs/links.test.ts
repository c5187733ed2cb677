/** Every link of the documentation that stays in the project leads somewhere, on the site as well as where the files are read. (The site's generator looks at the links that it makes itself.) */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../program.ts";
import { documentationPages } from "./pages.ts";

const withoutCode = (text: string): string => text.replaceAll(/^([ \t]*)(`{3,})[^]*?^\1\2$/gm, "");
/** What is shown of a heading: no marks of code, emphasis and links. */
const shown = (heading: string): string => heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "").trim();
/** The two ways that headings get their names: that of sites of repositories, and that of the site's generator. */
const namings = [
  (heading: string) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-"),
  (heading: string) => heading.toLowerCase().normalize("NFKD").replaceAll(/[\u0300-\u036F]/g, "").replaceAll(/[\s~`!@#$%^&*()\-_+=[\]{}|\\;:"'“”‘’<>,.?/]+/g, "-").replaceAll(/^-+|-+$/g, ""),
];

function anchorsOf(path: string): readonly ReadonlySet<string>[] {
  const headings = [...withoutCode(readFileSync(path, "utf8")).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => shown(heading!));
  return namings.map((naming) => new Set(headings.map(naming)));
}

it.each(documentationPages())("$path", ({ path, text }) => {
  const problems: string[] = [];
  for (const [, target] of withoutCode(text).replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target!)) continue;
    const [file, anchor] = target!.split("#") as [string, string | undefined];
    const place = file === "" ? join(root, path) : join(root, dirname(path), decodeURIComponent(file));
    if (!existsSync(place)) problems.push(`${target}: there is no such file`);
    else if (anchor !== undefined && statSync(place).isFile()) for (const anchors of anchorsOf(place)) if (!anchors.has(anchor)) problems.push(`${target}: there is no heading of that name, or not everywhere; the nearest: ${[...anchors].filter((one) => one.slice(0, 4) === anchor.slice(0, 4)).join(", ")}`);
  }
  expect(problems).toEqual([]);
});
