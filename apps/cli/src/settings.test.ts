import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EXIT } from "./program.ts";
import { runWords } from "./testing/run-words.ts";

const cwd = mkdtempSync(join(tmpdir(), "winnow-settings-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const file = (text: string) => {
  writeFileSync(join(cwd, "winnow.env"), text);
  return ["--config", "winnow.env"];
};
const print = (words: readonly string[], env: Record<string, string> = {}) => runWords(["server", "--print-config", ...words], { cwd, env });
const row = (stdout: string, name: string) => stdout.split("\n").find((line) => line.startsWith(`${name} `))?.split(/ {2,}/).slice(1);

test("the command line goes before the environment, the environment before the file, the file before defaults", async () => {
  const config = file("# of the installation\nWINNOW_PORT=1\nWINNOW_HOST=0.0.0.0\nWINNOW_LOG_LEVEL=info\nWINNOW_WORKER=1\n");
  const { code, stdout, stderr } = await print([...config, "--port", "3"], { WINNOW_PORT: "2", WINNOW_HOST: "::1" });
  expect([code, stderr]).toEqual([EXIT.ok, ""]);
  expect(row(stdout, "WINNOW_PORT")).toEqual(["3", "command line"]);
  expect(row(stdout, "WINNOW_HOST")).toEqual(["::1", "environment"]);
  expect(row(stdout, "WINNOW_LOG_LEVEL")).toEqual(["info", "file"]);
  expect(row(stdout, "WINNOW_WORKER")).toEqual(["true", "file"]);
  expect(row(stdout, "WINNOW_DATA")).toEqual(["data", "default"]);
});

test("secrets are only said to be set", async () => {
  const { stdout } = await print(file("DATABASE_URL=postgres://winnow:hunter2@db/winnow\nWINNOW_TOKEN=hunter2hunter2\n"), { WINNOW_SEALING_KEY: "ab".repeat(32), WINNOW_FILE_SERVER_KEYS: `http://h=${"k".repeat(40)}` });
  expect(row(stdout, "DATABASE_URL")).toEqual(["postgres://…@db/winnow", "file"]);
  expect(row(stdout, "WINNOW_TOKEN")).toEqual(["(set)", "file"]);
  expect(row(stdout, "WINNOW_SEALING_KEY")).toEqual(["(set)", "environment"]);
  expect(stdout).not.toMatch(/hunter2|abab|kkkk/);
});

test("the same as JSON, without any secret", async () => {
  const { stdout } = await print([...file("WINNOW_TOKEN=hunter2hunter2\n"), "--json"], { WINNOW_PORT: "2" });
  const settings = JSON.parse(stdout) as unknown[];
  expect(settings).toContainEqual({ setting: "WINNOW_PORT", value: "2", from: "environment" });
  expect(settings).toContainEqual({ setting: "WINNOW_TOKEN", value: "(set)", from: "file" });
  expect(settings).toContainEqual({ setting: "DATABASE_URL", value: null, from: "default" });
  expect(stdout).not.toContain("hunter2");
});

test.each([
  ["WINNOW_PROT=80\n", {}, /WINNOW_PROT.*Is WINNOW_PORT meant\?/],
  ["WINNOW_PORT=eighty\n", {}, /WINNOW_PORT: .*whole number/],
  ["", { WINNOW_WORKER: "maybe" }, /WINNOW_WORKER must be 1 or 0/],
  ["", { WINNOW_LOG_LEVEL: "loud" }, /WINNOW_LOG_LEVEL: .*silent, error/],
])("%j with %j is refused", async (text, env, message) => {
  const { code, stderr } = await print(file(text), env);
  expect(code).toBe(EXIT.usage);
  expect(stderr).toMatch(message);
});

test("a file that isn't there is said so, and WINNOW_CONFIG names one as well", async () => {
  expect(await print(["--config", "none.env"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringMatching(/--config can't be read.*none\.env/s) });
  file("WINNOW_PORT=7\n");
  expect(row((await print([], { WINNOW_CONFIG: "winnow.env" })).stdout, "WINNOW_PORT")).toEqual(["7", "file"]);
});

test("variables of others in the file are theirs", async () => expect((await print(file("AWS_REGION=eu-central-1\n"))).code).toBe(EXIT.ok));
