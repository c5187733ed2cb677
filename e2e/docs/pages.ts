import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { root } from "../program.ts";

export interface DocumentationPage {
  /** From the root of the project, "/"-separated. */
  readonly path: string;
  readonly text: string;
}

/** README, everything below docs/, and what each package says of itself. */
export function documentationPages(): DocumentationPage[] {
  const packages = ["packages", "apps"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name, "README.md")));
  const files = [join(root, "README.md"), join(root, "CONTRIBUTING.md"), ...markdownBelow(join(root, "docs")), ...packages.filter((path) => existsSync(path))];
  return files.map((file) => ({ path: relative(root, file).split(sep).join("/"), text: readFileSync(file, "utf8") }));
}

function markdownBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md")).sort().map((name) => join(folder, name));
}
