/** Where the blocks of a page are run: a server, an account with nothing in it, a folder with images and vectors. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { encodeFolder, loadEncoder } from "@winnow/embedding";
import { writeEmbeddingsCsv } from "@winnow/formats";
import { drawDemoCollection } from "../../apps/cli/src/demo/draw.ts";
import { Program, bin, root } from "../program.ts";
import type { Block } from "./blocks.ts";

const TOKEN = "token-of-the-owner";
/** What documentation writes where a reader's own server is meant. */
const ADDRESS = "http://localhost:8080";
const acceptance = process.env["WINNOW_ACCEPTANCE"] ?? join(root, "..", "shared", "acceptance");

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

export class Playground {
  readonly #folder: string;
  readonly #server: Program;
  readonly #url: string;
  #accounts = 0;

  private constructor(folder: string, server: Program, url: string) {
    this.#folder = folder;
    this.#server = server;
    this.#url = url;
  }

  static async open(): Promise<Playground> {
    const folder = await mkdtemp(join(tmpdir(), "winnow-docs-"));
    const pages = join(folder, "pages");
    await mkdir(pages);
    const server = new Program(bin, ["server", "--data", join(folder, "data"), "--port", "0", "--allow-folder", pages], { WINNOW_TOKEN: TOKEN });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), `{"type":"module"}\n`);
    await prepareFiles(join(folder, "files"));
    await preparePrograms(join(folder, "bin"));
    return new Playground(folder, server, await server.url());
  }

  async close(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** A folder for a page, with what pages take for granted: photographs/, path/to/images/, embeddings.csv. */
  async page(name: string): Promise<PageFolder> {
    const home = join(this.#folder, "pages", name);
    await cp(join(this.#folder, "files"), home, { recursive: true });
    return new PageFolder(home, this);
  }

  async account(): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [bin, "user", "add", `reader-${++this.#accounts}@example.org`, "--data", join(this.#folder, "data"), "--json"], { env: { ...process.env, NODE_OPTIONS: "" } });
    return (JSON.parse(stdout) as { token: string }).token;
  }

  worker(home: string, token: string): Program {
    return new Program(bin, ["worker", "--server", this.#url, "--work", join(home, ".work"), "--output", join(home, "output")], { WINNOW_TOKEN: token });
  }

  here(code: string): string {
    return code.replaceAll(ADDRESS, this.#url);
  }

  environment(home: string, token: string): NodeJS.ProcessEnv {
    const { WINNOW_DEBUG: _, NODE_OPTIONS: __, ...rest } = process.env;
    return { ...rest, HOME: home, XDG_CONFIG_HOME: join(home, ".config"), PATH: `${join(this.#folder, "bin")}:${process.env["PATH"]}`, WINNOW_SERVER_LOCATION: this.#url, WINNOW_TOKEN: token, LIGHTLY_SERVER_LOCATION: this.#url, LIGHTLY_TOKEN: token, LIGHTLY_DID_VERSION_CHECK: "True" };
  }

  /** Compiles the TypeScript of all pages at once, as strictly as our own. @returns what the compiler says; "" when all is well */
  async compile(): Promise<string> {
    const options = { target: "es2023", lib: ["es2023", "dom"], module: "nodenext", moduleResolution: "nodenext", moduleDetection: "force", strict: true, skipLibCheck: true, types: ["node"], rootDir: ".", outDir: "." };
    await writeFile(join(this.#folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["pages/**/*.ts"], exclude: [] }));
    const done = await runProgram(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", this.#folder], { cwd: this.#folder });
    return done.code === 0 ? "" : done.output;
  }

  #python: Promise<string | undefined> | undefined;

  /** The program that runs Python with the unmodified client; undefined where that isn't at hand. */
  python(): Promise<string | undefined> {
    this.#python ??= (async () => {
      if (!existsSync(join(acceptance, "setup.sh"))) return undefined;
      const work = join(this.#folder, "python");
      const done = await runProgram("sh", [join(acceptance, "setup.sh"), work]);
      if (done.code !== 0) throw new Error(`the Python client could not be set up: ${done.output}`);
      return join(work, "run");
    })();
    return this.#python;
  }
}

export class PageFolder {
  readonly home: string;
  readonly #playground: Playground;
  #token: Promise<string> | undefined;

  constructor(home: string, playground: Playground) {
    this.home = home;
    this.#playground = playground;
  }

  path(step: Block): string {
    return join(this.home, `line-${step.line}.${step.language === "python" ? "py" : step.language}`);
  }

  /** Writes down the code of a step, with what was set up for it. */
  async write(step: Block): Promise<void> {
    const path = step.file === undefined ? this.path(step) : join(this.home, step.file);
    await writeFile(path, this.#playground.here(`${step.before}${step.code}`));
  }

  async run(step: Block): Promise<Outcome> {
    if (step.newAccount) this.#token = undefined;
    this.#token ??= this.#playground.account();
    const token = await this.#token;
    const worker = step.worker ? this.#playground.worker(this.home, token) : undefined;
    try {
      return await this.#done(step, token);
    } finally {
      await worker?.stop();
    }
  }

  async #done(step: Block, token: string): Promise<Outcome> {
    const options = { cwd: this.home, env: this.#playground.environment(this.home, token), ...(step.until === undefined ? {} : { until: step.until }) };
    if (step.language === "ts") return runProgram(process.execPath, [this.path(step).replace(/\.ts$/, ".js")], options);
    if (step.language === "sh") return runProgram("sh", ["-eu", this.path(step)], options);
    return runProgram((await this.#playground.python())!, [this.path(step)], options);
  }
}

async function prepareFiles(folder: string): Promise<void> {
  const photographs = join(folder, "photographs");
  const { images } = await drawDemoCollection(photographs, { count: 30 });
  await Promise.all(images.filter(({ kind }) => kind === "broken").map(({ fileName }) => rm(join(photographs, fileName))));
  await mkdir(join(folder, "path", "to"), { recursive: true });
  await cp(photographs, join(folder, "path", "to", "images"), { recursive: true });
  const encoder = await loadEncoder();
  const { fileNames, vectors } = await encodeFolder(encoder, photographs);
  await encoder.close();
  const rows = fileNames.map((fileName, i) => ({ fileName, values: vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns) }));
  await writeFile(join(folder, "embeddings.csv"), writeEmbeddingsCsv(rows));
}

/** `winnow` and `npx winnow` are the command that was built; npx itself would first ask a registry, outside a clone. */
async function preparePrograms(folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "winnow"), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`);
  await writeFile(join(folder, "npx"), `#!/bin/sh\n[ "$1" = winnow ] || { echo "npx $1 is no command of ours" >&2; exit 127; }\nexec "$@"\n`);
  await Promise.all(["winnow", "npx"].map((name) => chmod(join(folder, name), 0o755)));
}

/** Runs a program to its end, or until it has printed something, and ends it then with all that it started. */
function runProgram(command: string, words: readonly string[], { cwd, env, until }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly until?: string } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    let stopped = false;
    const hear = (text: string): void => {
      output += text;
      if (until === undefined || stopped || !output.includes(until)) return;
      stopped = true;
      // Its own group of processes, which it leads.
      process.kill(-child.pid!, "SIGTERM");
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: stopped ? 0 : code, output }));
  });
}
