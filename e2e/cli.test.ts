/** The command line as programs: what people type at a terminal, and what scripts call. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { startServer } from "@winnow/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Program, bin, endAll, run, surroundings, temporaryFolder, writePicture } from "./program.ts";
import { Terminal, hasTerminals } from "./terminal.ts";

const token = "token-of-the-environment";
let data: ReturnType<typeof temporaryFolder>;
afterEach(endAll);

async function answers(url: string, given: string): Promise<number> {
  return (await fetch(`${url}/v1/datasets?token=${given}`)).status;
}

describe("a fresh data folder", () => {
  beforeEach(() => {
    data = temporaryFolder();
  });
  afterEach(() => data.remove());

  test("the first start prints the owner's token, later ones don't; both end well when asked to", async () => {
    const first = new Program(bin, ["server", "--data", data.path, "--port", "0"]);
    const url = await first.url();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const shown = (await first.until(/^ {2}([0-9a-f]{32,})$/m))![1]!;
    expect(await answers(url, shown)).toBe(200);
    expect(await first.stop("SIGTERM")).toMatchObject({ code: 0, signal: null, stderr: "" });

    const second = new Program(bin, ["server", "--data", data.path, "--port", "0"]);
    expect(await answers(await second.url(), shown)).toBe(200);
    const { code, stdout } = await second.stop("SIGINT");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Winnow listens at http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  test("for programs, the first line is JSON: the address, and the token of the first start", async () => {
    const server = new Program(bin, ["server", "--data", data.path, "--port", "0", "--json"]);
    const [line] = (await server.until(/^\{.*\}\n/))!;
    const { url, token: made } = JSON.parse(line) as { url: string; token: string };
    expect(await answers(url, made)).toBe(200);
    expect(await server.stop("SIGTERM")).toMatchObject({ code: 0, stdout: line });
  });

  test("a port that is taken is named", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = other.address() as { port: number };
      const { code, stdout, stderr } = await run(bin, ["server", "--data", data.path, "--port", String(port)]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^winnow: Port ${port} is already in use\\. .*--port.*\\n$`));
    } finally {
      other.close();
    }
  });
});

describe("accounts, while the server runs", () => {
  let server: Program;
  let url: string;
  const winnow = (...words: string[]) => run(bin, [...words, "--data", data.path]);
  const json = async (...words: string[]) => JSON.parse((await winnow(...words, "--json")).stdout) as never;

  beforeAll(async () => {
    data = temporaryFolder();
  });
  beforeEach(async () => {
    server = new Program(bin, ["server", "--data", data.path, "--port", "0"], { WINNOW_TOKEN: token });
    url = await server.url();
  });
  afterAll(() => data.remove());

  test("users: added with a token that works, listed, removed", async () => {
    expect(server.stdout).not.toContain(token);
    expect(await answers(url, token)).toBe(200);

    const added = await winnow("user", "add", "Ada@Example.org", "--json");
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(added.stdout).toMatch(/^\{.*\}\n$/);
    const ada = JSON.parse(added.stdout) as { userId: string; email: string; token: string };
    expect(Object.keys(ada)).toEqual(["userId", "email", "token"]);
    expect(ada.email).toBe("ada@example.org");
    expect(await answers(url, ada.token)).toBe(200);

    expect(await winnow("user", "add", "ada@example.org")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("already a user ada@example.org") });
    expect(await winnow("user", "add", "no mail")).toMatchObject({ code: 1, stderr: expect.stringContaining("is not a mail address") });
    expect(await json("user", "ls")).toMatchObject([{ email: "owner@localhost" }, { email: "ada@example.org", userId: ada.userId }]);
    expect((await winnow("user", "ls")).stdout).toContain("ada@example.org");

    expect(await winnow("user", "rm", "ada@example.org")).toMatchObject({ code: 0, stdout: "Removed ada@example.org.\n" });
    expect(await answers(url, ada.token)).toBe(401);
    expect(await winnow("user", "rm", "owner@localhost")).toMatchObject({ code: 1, stderr: expect.stringContaining("is the owner") });
  });

  test("tokens: made for scripts, listed without their text, revoked at once", async () => {
    const made = await winnow("token", "create", "--name", "laptop");
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{32,}\n$/) });
    const text = made.stdout.trim();
    expect(await answers(url, text)).toBe(200);

    const tokens = (await json("token", "ls")) as { id: string; name: string; email: string }[];
    const { id } = tokens.find(({ name }) => name === "laptop")!;
    expect((await winnow("token", "ls")).stdout).not.toContain(text);
    expect(await winnow("token", "revoke", id)).toMatchObject({ code: 0, stdout: `Revoked ${id}.\n` });
    expect(await answers(url, text)).toBe(401);
    expect(await winnow("token", "revoke", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("no token") });
    expect(await winnow("token", "create", "--user", "nobody@example.org")).toMatchObject({ code: 1, stderr: expect.stringContaining("no user nobody@example.org") });
  });
});

describe("working with a platform", () => {
  const COUNT = 60;
  let server: Awaited<ReturnType<typeof startServer>>;
  let url: string;
  let env: Record<string, string>;
  const inside = (...parts: string[]) => join(data.path, ...parts);
  const winnow = (...words: string[]) => run(bin, words, env);

  beforeAll(async () => {
    data = temporaryFolder();
    for (let i = 0; i < COUNT; i++) await writePicture(inside("photos", `${String(i).padStart(2, "0")}.jpg`), i);
  });
  beforeAll(async () => {
    server = await startServer({ dataFolder: inside("data"), port: 0, ownerToken: token, logLevel: "silent" });
    url = server.url;
    env = { HOME: inside("home"), XDG_CONFIG_HOME: "", XDG_STATE_HOME: "", XDG_CACHE_HOME: "", WINNOW_TOKEN: token, WINNOW_SERVER_LOCATION: url };
  });
  afterAll(async () => {
    await server.close();
    data.remove();
  });

  test("an upload that is killed is finished by the next, with every picture", async () => {
    const client = new ApiWorkflowClient({ token, serverUrl: url, onWarning: () => undefined });
    const killed = new Program(bin, ["upload", inside("photos"), "--dataset", "killed", "--parallel", "2"], env);
    await expect.poll(async () => (await client.getDatasets()).find(({ name }) => name === "killed")?.nSamples ?? 0, { timeout: 30_000, interval: 20 }).toBeGreaterThan(0);
    expect(await killed.stop("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    const { code, stdout } = await winnow("upload", inside("photos"), "--dataset", "killed", "--json");
    expect(code).toBe(0);
    const { total, uploaded, skipped, repaired, failedCount } = JSON.parse(stdout) as Record<string, number>;
    expect([total, uploaded! + skipped! + repaired!, failedCount]).toEqual([COUNT, COUNT, 0]);
    await client.setDatasetIdByName("killed");
    const datasetId = await client.datasetId;
    for (const sampleId of await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "_id" } })) {
      for (const type of ["full", "thumbnail"]) await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query: { type } });
    }
    expect((await client.getAllTags()).filter(({ totSize }) => totSize !== COUNT)).toEqual([]);
  });

  test("Ctrl-C in a script: the exit code says so, and the same line goes on", async () => {
    const words = ["embed", inside("photos"), "--out", inside("embeddings.csv")];
    const stopped = new Program(bin, words, env);
    await expect.poll(() => (existsSync(inside(".embeddings.csv.vectors")) ? statSync(inside(".embeddings.csv.vectors")).size : 0), { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    const first = await stopped.stop("SIGINT");
    expect(first).toMatchObject({ code: 130, stdout: "" });
    expect(first.stderr).toMatch(/^Stopped\. Run the same command again: it goes on where it was\.\n$/m);
    const second = await winnow(...words);
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/beside [1-9]\d* images? done before/);
    expect(readFileSync(inside("embeddings.csv"), "utf8").split("\n")).toHaveLength(COUNT + 2);
  });

  test("piped it is plain, and a reader that has seen enough is no error", async () => {
    const { stdout, stderr } = await winnow("datasets", "ls");
    expect(stdout + stderr).not.toContain("\u001b");
    // The reader is gone before anything is written.
    const { stderr: said } = spawnSync("sh", ["-c", `{ "$0" "$1" completion bash; echo "exit code $?" >&2; } | true`, process.execPath, bin], { encoding: "utf8", env: surroundings() });
    expect(said).toBe("exit code 0\n");
  });

  describe.skipIf(!hasTerminals)("at a terminal (needs `script` of util-linux)", () => {
    test("progress is one line that is written over; tables have colours, unless NO_COLOR says no", async () => {
      const upload = new Terminal(["upload", inside("photos"), "--dataset", "seen"], env);
      const { code } = await upload.ended;
      expect({ code, screen: upload.screen }).toMatchObject({ code: 0 });
      const line = upload.written.find((texts) => texts.some((text) => text.startsWith("Uploading:")))!;
      expect(line).toContainEqual(expect.stringMatching(/^Uploading: \d+ of 60 images/));
      for (const text of line.slice(0, -1)) expect(text.length).toBeLessThan(80);
      expect(upload.screen.filter((line) => line.startsWith("Uploading:"))).toEqual([expect.stringMatching(/^Uploading: 60 images uploaded · [\d.]+ images\/s · /)]);
      const listed = new Terminal(["datasets", "ls"], env);
      await listed.ended;
      expect(listed.stdout).toContain("\u001b[1mNAME");
      const plain = new Terminal(["datasets", "ls"], { ...env, NO_COLOR: "1" });
      await plain.ended;
      expect(plain.stdout).not.toContain("\u001b");
      expect(plain.stdout).toMatch(/^NAME .*\r?\n/);
    });

    test("log in: the token is asked for, and isn't shown", async () => {
      const { WINNOW_TOKEN: _, ...without } = env;
      const login = new Terminal(["login", "--server", url], without);
      await login.until(/Your token for .*: /);
      login.type(`${token}\r`);
      expect((await login.ended).code).toBe(0);
      expect(login.screen.join("\n")).toContain(`Logged in to ${url} as owner@localhost.`);
      expect(login.stdout).not.toContain(token);
      expect(statSync(inside("home/.config/winnow/login.json")).mode & 0o777).toBe(0o600);
      expect(await run(bin, ["datasets", "ls"], { ...without, WINNOW_SERVER_LOCATION: "" })).toMatchObject({ code: 0, stderr: "" });
    });

    test("a question before something is deleted: answered, answered otherwise, and left by Ctrl-C", async () => {
      await winnow("datasets", "create", "of no use");
      const asked = async (keys: string) => {
        const terminal = new Terminal(["datasets", "rm", "of no use"], env);
        await terminal.until(/Type of no use to go on: /);
        terminal.type(keys);
        const { code } = await terminal.ended;
        return { code, text: terminal.screen.join("\n") };
      };
      expect(await asked("\u0003")).toEqual({ code: 130, text: expect.stringContaining("Stopped.") });
      expect(await asked("yes\r")).toEqual({ code: 1, text: expect.stringContaining("Nothing was deleted.") });
      expect(await asked("\u0004")).toEqual({ code: 1, text: expect.stringContaining("Nothing was deleted.") });
      expect(await asked("of no use\r")).toEqual({ code: 0, text: expect.stringContaining("Deleted the dataset of no use") });
      expect((await winnow("datasets", "ls")).stdout).not.toContain("of no use");
    });

    test("Ctrl-C while it works leaves a whole line, and the same command goes on", async () => {
      const words = ["embed", inside("photos"), "--out", inside("again.csv")];
      const stopped = new Terminal(words, env);
      await stopped.until(/Embedding: [1-9]\d* of 60/);
      stopped.type("\u0003");
      expect((await stopped.ended).code).toBe(130);
      expect(stopped.screen.findLast((line) => line !== "" && line !== "^C")).toMatch(/^(\^C)?Stopped\. Run the same command again: it goes on where it was\.$/);
      const again = new Terminal(words, env);
      expect((await again.ended).code).toBe(0);
      expect(again.screen.join("\n")).toMatch(/beside [1-9]\d* images? done before/);
      expect(readFileSync(inside("again.csv"), "utf8").split("\n")).toHaveLength(COUNT + 2);
    });
  });
});
