import { readFileSync } from "node:fs";
import type { AuditEntry } from "@winnow/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { Scene } from "../testing/scene.ts";
import { parseMoment } from "./audit.ts";

let scene: Scene;
let kept: { id: string };
let gone: { id: string };
beforeAll(async () => {
  scene = await Scene.begin();
  kept = await scene.json(["datasets", "create", "kept"]);
  gone = await scene.json(["datasets", "create", "gone"]);
  await scene.winnow(["datasets", "rm", "--yes", gone.id]);
});
afterAll(() => scene.end());

const actions = (entries: readonly AuditEntry[]) => entries.map(({ action }) => action);

test("lists who did what, newest first, for people and as JSON", async () => {
  const all = await scene.json<AuditEntry[]>(["audit", "ls"]);
  expect(actions(all).slice(0, 3)).toEqual(["delete_dataset_by_id", "create_dataset", "create_dataset"]);
  const { code, stdout } = await scene.winnow(["audit", "ls"]);
  expect(code).toBe(EXIT.ok);
  expect(stdout).toMatch(/^TIME \(UTC\) +WHO +ACTION +STATUS +TIMES +FROM +DATASET +WHAT\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +owner@localhost +delete_dataset_by_id +20\d +1 /);
  expect(stdout.split("\n")).toHaveLength(all.length + 2);
  expect(stdout).not.toContain(scene.token);
  expect(await scene.json<AuditEntry[]>(["audit", "ls", "--limit", "2"])).toEqual(all.slice(0, 2));
});

test("is narrowed by dataset (also a deleted one), user, action and time", async () => {
  const ls = async (...words: string[]) => actions(await scene.json<AuditEntry[]>(["audit", "ls", ...words]));
  expect(await ls("--dataset", "kept")).toEqual(["create_dataset"]);
  expect(await ls("--dataset", kept.id)).toEqual(["create_dataset"]);
  expect(await ls("--dataset", gone.id)).toEqual(["delete_dataset_by_id", "create_dataset"]);
  expect(await ls("--action", "delete_dataset_by_id")).toEqual(["delete_dataset_by_id"]);
  expect(await ls("--user", "owner@localhost", "--action", "create_dataset")).toHaveLength(2);
  expect(await ls("--user", "nobody@example.org")).toEqual([]);
  expect(await ls("--since", "1w", "--action", "create_dataset")).toHaveLength(2);
  expect(await ls("--until", "1w")).toEqual([]);
  expect((await scene.winnow(["audit", "ls", "--until", "2001-01-01"])).stdout).toMatch(/^There are no such entries/);
  expect(await scene.winnow(["audit", "ls", "--dataset", "nowhere"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('no dataset "nowhere"') });
});

test("is exported as CSV and as JSON lines, to a file or printed", async () => {
  const oldestFirst = (await scene.json<AuditEntry[]>(["audit", "ls", "--action", "create_dataset"])).toReversed();
  const printed = await scene.winnow(["audit", "export", "--action", "create_dataset", "--format", "jsonl"]);
  expect(printed.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as AuditEntry)).toEqual(oldestFirst);
  const csv = await scene.winnow(["audit", "export", "--action", "create_dataset"]);
  expect(csv.stdout).toMatch(/^time,action,status,email,credential,remoteAddress,datasetId,target,times\r\n/);
  expect(csv.stdout.split("\r\n")).toHaveLength(oldestFirst.length + 2);
  const told = await scene.json<{ file: string; format: string; bytes: number }>(["audit", "export", "--out", "audit.csv", "--action", "create_dataset"]);
  expect(told).toEqual({ file: scene.at("audit.csv"), format: "csv", bytes: Buffer.byteLength(csv.stdout) });
  expect(readFileSync(scene.at("audit.csv"), "utf8")).toBe(csv.stdout);
});

test("what is wrong is said before anything is asked", async () => {
  const cases: [string[], RegExp][] = [
    [["ls", "--since", "yesterday"], /--since must be how long ago/],
    [["ls", "--limit", "0"], /--limit must be a whole number/],
    [["ls", "--since", "1h", "--until", "2h"], /--since must lie before --until/],
    [["export", "--format", "xml"], /--format must be one of csv, jsonl/],
  ];
  for (const [words, message] of cases) expect(await scene.winnow(["audit", ...words], { env: {} })).toMatchObject({ code: EXIT.usage, stderr: expect.stringMatching(message) });
  expect(await scene.winnow(["audit", "ls"], { env: {} })).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("WINNOW_TOKEN") });
  expect(await scene.winnow(["audit", "export", "--out", "no/folder.csv"])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("There is no folder") });
});

test("a moment is a time ago, a date or a time", () => {
  const now = Date.UTC(2026, 0, 10);
  const moment = (text: string) => new Date(parseMoment("--since", text, now)).toISOString();
  expect(["30m", "12h", "2d", "1w", "2026-01-01", "2026-01-01T08:00:00Z", "2026-01-01T08:00:00.5+02:00"].map(moment)).toEqual([
    "2026-01-09T23:30:00.000Z",
    "2026-01-09T12:00:00.000Z",
    "2026-01-08T00:00:00.000Z",
    "2026-01-03T00:00:00.000Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T08:00:00.000Z",
    "2026-01-01T06:00:00.500Z",
  ]);
  for (const wrong of ["", "1", "d", "-1d", "2026-13-01", "2026-01-01T08:00:00", "1969-01-01", "99999w"]) expect(() => parseMoment("--until", wrong, now), wrong).toThrow(/--until/);
});
