/** What tests of datasources begin with. */
import type { DatasourceRawSamplesData } from "@winnow/contract";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ServerUnderTest } from "./server-under-test.ts";

/** Writes files below a folder; content is text, by default the path itself. */
export async function writeFiles(root: string, files: readonly string[] | Readonly<Record<string, string>>): Promise<void> {
  const contents: Readonly<Record<string, string>> = Array.isArray(files) ? Object.fromEntries((files as readonly string[]).map((path) => [path, path])) : (files as Readonly<Record<string, string>>);
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** Sets the time of change of a file, in seconds since the epoch. */
export async function setTime(root: string, path: string, seconds: number): Promise<void> {
  await utimes(join(root, path), seconds, seconds);
}

export const thumbSuffix = ".lightly/thumbnails/[filename]_thumb.[extension]";

export function folderConfig(fullPath: string, more: object = {}): object {
  return { type: "LOCAL", fullPath, thumbSuffix, purpose: "INPUT_OUTPUT", ...more };
}

/** Every row of a listing, page by page as clients ask. */
export async function listAll(server: ServerUnderTest, path: string, kind: "" | "predictions/" | "metadata/" = "", query: Record<string, string | number | boolean> = {}): Promise<{ fileName: string; readUrl: string }[]> {
  const rows: { fileName: string; readUrl: string }[] = [];
  const { from, to, ...always } = query;
  let range: Record<string, string | number | boolean> = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  for (;;) {
    const page = await server.call<DatasourceRawSamplesData>("GET", `${path}/datasource/${kind}list`, { query: { ...always, ...range }, timeoutMs: 60_000 });
    rows.push(...page.data);
    if (!page.hasMore) return rows;
    range = { cursor: page.cursor };
  }
}

export function names(rows: readonly { fileName: string }[]): string[] {
  return rows.map(({ fileName }) => fileName);
}
