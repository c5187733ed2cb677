import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { EXIT } from "../program.ts";
import { Scene } from "../testing/scene.ts";

let scene: Scene;
let url: string;
const file = () => scene.at("home/.config/winnow/login.json");
const kept = () => JSON.parse(readFileSync(file(), "utf8")) as { current: string; platforms: Record<string, { token: string }> };
/** Without a token in the environment. */
const winnow = (words: readonly string[], env: Record<string, string> = {}, more = {}) => scene.winnow(words, { env, ...more });
const typing = (answer: string) => {
  const asked: { question: string; hidden: boolean | undefined }[] = [];
  return { asked, ask: async (question: string, options?: { hidden?: boolean }) => (asked.push({ question, hidden: options?.hidden }), answer) };
};
async function* piped(text: string) {
  yield text;
}
beforeAll(async () => {
  scene = await Scene.begin();
  url = scene.server.url;
});
beforeEach(() => winnow(["logout", "--all"]));
afterAll(() => scene.end());

test("log in at a terminal: the token isn't shown, is kept for the user alone, and works from then on", async () => {
  const { asked, ask } = typing(scene.token);
  const { code, stdout, stderr } = await winnow(["login", "--server", `${url}/`], {}, { ask });
  expect(code).toBe(EXIT.ok);
  expect(stdout).toBe(`Logged in to ${url} as owner@localhost. The token is kept in ${file()}.\n`);
  expect(asked).toEqual([{ question: expect.stringContaining(url), hidden: true }]);
  expect(stdout + stderr).not.toContain(scene.token);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file())).mode & 0o777).toBe(0o700);
  expect(await winnow(["datasets", "ls"])).toMatchObject({ code: EXIT.ok, stderr: "" });
  const status = await winnow(["login", "--status"]);
  expect(status.stdout).toBe(`* ${url}  owner@localhost\n`);
  expect(await winnow(["logout"])).toMatchObject({ code: EXIT.ok, stdout: `Logged out of ${url}.\n` });
  expect(await winnow(["datasets", "ls"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("winnow login") });
  expect(await winnow(["logout"])).toMatchObject({ code: EXIT.ok, stdout: "You weren't logged in.\n" });
});

test("a token that is piped in; one that isn't right isn't kept, nor shown", async () => {
  expect(await winnow(["login", "--server", url], {}, { stdin: piped("a-wrong-token\n") })).toMatchObject({ code: EXIT.failure, stdout: "", stderr: expect.not.stringContaining("a-wrong-token") });
  expect((await winnow(["login", "--status"])).stdout).toBe("You aren't logged in.\n");
  for (const text of ["", "\n", "two words\n"]) expect(await winnow(["login", "--server", url], {}, { stdin: piped(text) })).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("That is no token") });
  expect(await winnow(["login", "--server", url])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("pipe it in") });
  expect(await winnow(["login"], { WINNOW_SERVER_LOCATION: url }, { stdin: piped(`${scene.token}\nmore`) })).toMatchObject({ code: EXIT.ok });
  expect(kept().platforms[url]!.token).toBe(scene.token);
});

test("flags come before the environment, and that before the login; a token goes to its own platform only", async () => {
  await winnow(["login", "--server", url], {}, { stdin: piped(scene.token) });
  expect((await winnow(["datasets", "ls"], { WINNOW_TOKEN: "a-wrong-token", WINNOW_SERVER_LOCATION: url })).code).toBe(EXIT.failure);
  expect((await winnow(["datasets", "ls", "--token", "a-wrong-token", "--server", url])).code).toBe(EXIT.failure);
  expect((await winnow(["datasets", "ls", "--token", scene.token], { WINNOW_TOKEN: "a-wrong-token", WINNOW_SERVER_LOCATION: url })).code).toBe(EXIT.ok);
  expect((await winnow(["datasets", "ls"], { WINNOW_SERVER_LOCATION: `${url}/` })).code).toBe(EXIT.ok);
  // Another address: nothing is sent there.
  expect(await winnow(["datasets", "ls", "--server", "http://127.0.0.1:1"])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("There is no token for http://127.0.0.1:1") });
});

test("a file that others can read is closed, and one that makes no sense is named without its content", async () => {
  await winnow(["login", "--server", url], {}, { stdin: piped(scene.token) });
  chmodSync(file(), 0o644);
  expect(await winnow(["datasets", "ls"])).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining("could be read by others") });
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  writeFileSync(file(), `{"platforms": {"x": ${scene.token}`, { mode: 0o600 });
  expect(await winnow(["datasets", "ls"])).toMatchObject({ code: EXIT.failure, stderr: `winnow: ${file()} can't be understood. Remove it, and log in again.\n` });
  expect((await winnow(["datasets", "ls", "--debug"])).stderr).not.toContain(scene.token);
  writeFileSync(file(), `{"platforms": {}}`);
});

test("XDG_CONFIG_HOME is kept to, and without any home there is nothing to keep it in", async () => {
  mkdirSync(scene.at("config"));
  await winnow(["login", "--server", url], { XDG_CONFIG_HOME: scene.at("config") }, { stdin: piped(scene.token) });
  expect(statSync(scene.at("config/winnow/login.json")).mode & 0o777).toBe(0o600);
  expect(await winnow(["login", "--server", url], { HOME: "" }, { stdin: piped(scene.token) })).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("set HOME or XDG_CONFIG_HOME") });
});
