/** For tests: a server of their own, a folder, and command lines that are run in this process. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeJpeg } from "@winnow/media";
import { startServer } from "@winnow/server";
import type { Io } from "../io.ts";
import { type Outcome, runWords } from "./run-words.ts";

export class Scene {
  readonly folder: string;
  readonly token = "token-of-the-owner-of-this-scene";
  readonly server: Awaited<ReturnType<typeof startServer>>;

  private constructor(folder: string, server: Scene["server"]) {
    this.folder = folder;
    this.server = server;
  }

  static async begin(): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "winnow-cli-"));
    return new Scene(folder, await startServer({ dataFolder: join(folder, "data"), port: 0, ownerToken: "token-of-the-owner-of-this-scene", logLevel: "silent" }));
  }

  async end(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  /** Runs a command line in the folder, with the owner's token in the environment unless told otherwise. */
  async winnow(words: readonly string[], io: Partial<Io> = {}): Promise<Outcome> {
    return runWords(words, { cwd: this.folder, ...io, env: { HOME: this.at("home"), ...(io.env ?? { WINNOW_TOKEN: this.token, WINNOW_SERVER_LOCATION: this.server.url }) } });
  }

  /** The same with --json, and what it printed. */
  async json<Shape = unknown>(words: readonly string[], io: Partial<Io> = {}): Promise<Shape> {
    const { code, stdout, stderr } = await this.winnow([...words, "--json"], io);
    if (!/^[[{].*\n$/.test(stdout) || stdout.indexOf("\n") !== stdout.length - 1) throw new Error(`no line of JSON (exit code ${code}): ${stdout}${stderr}`);
    return JSON.parse(stdout) as Shape;
  }

  /** Makes pictures that differ, and of some a broken one. */
  async pictures(names: readonly string[]): Promise<void> {
    for (const [i, name] of names.entries()) await this.picture(name, i);
  }

  /** A JPEG of coloured stripes; the same number gives the same bytes. */
  async picture(name: string, number: number, { broken = false } = {}): Promise<void> {
    const [width, height] = [96, 64];
    const data = new Uint8Array(width * height * 3);
    const [angle, step] = [number * 0.7, 3 + ((number * 7) % 23)];
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const wave = 0.5 + 0.5 * Math.sin((x * Math.cos(angle) + y * Math.sin(angle)) / step + number);
        data[at++] = 255 * wave;
        data[at++] = (number * 53) % 256;
        data[at++] = 255 * (1 - wave) * (((number * 31) % 11) / 10);
      }
    }
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), await encodeJpeg({ data, width, height }, 85));
    if (broken) truncateSync(this.at(name), 400);
  }
}
