/** The commands that manage a server, as programs: what people and scripts type. */
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Program, bin, endAll, run, temporaryFolder } from "./program.ts";

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
