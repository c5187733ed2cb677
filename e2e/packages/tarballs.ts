/** The packages as they would be published, and folders in which they are installed. */
import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { root } from "../program.ts";

const execute = promisify(execFile);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly private?: boolean;
  readonly files: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Tarball {
  readonly manifest: Manifest;
  /** Folder that it was made from, relative to the root. */
  readonly room: string;
  readonly path: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

export const rooms = ["packages", "apps"].flatMap((base) => readdirSync(join(root, base)).map((name) => `${base}/${name}`)).filter((room) => existsSync(join(root, room, "package.json")));

export async function manifestOf(room: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, room, "package.json"), "utf8")) as Manifest;
}

/** Packs every room of the workspace, as `npm publish` would. */
export async function packAll(folder: string): Promise<Map<string, Tarball>> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await execute("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, ...rooms.flatMap((room) => ["-w", room])], { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, NODE_OPTIONS: "" } });
  const told = JSON.parse(stdout) as { name: string; filename: string; size: number; unpackedSize: number; files: { path: string }[] }[];
  const manifests = new Map((await Promise.all(rooms.map(async (room) => [room, await manifestOf(room)] as const))).map(([room, manifest]) => [manifest.name, { room, manifest }]));
  return new Map(
    told.map(({ name, filename, size, unpackedSize, files }) => {
      const { room, manifest } = manifests.get(name)!;
      return [name, { manifest, room, path: join(folder, filename.replace("@", "").replaceAll("/", "-")), packedBytes: size, unpackedBytes: unpackedSize, files: files.map(({ path }) => path) }];
    }),
  );
}

/**
 * Installs packages and what they depend on: ours are unpacked, as npm does; those of others are the very ones that the
 * project was installed with. Nothing is there that no package declares, and nothing is asked of a registry.
 */
export async function install(folder: string, names: readonly string[], tarballs: ReadonlyMap<string, Tarball>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module", dependencies: Object.fromEntries(names.map((name) => [name, tarballs.get(name)!.manifest.version])) }));
  const done = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (done.has(name)) continue;
    done.add(name);
    const place = join(folder, "node_modules", name);
    const tarball = tarballs.get(name);
    if (!tarball) throw new Error(`no tarball of ${name}`);
    await mkdir(place, { recursive: true });
    await execute("tar", ["-xzf", tarball.path, "-C", place, "--strip-components=1"]);
    const packed = JSON.parse(await readFile(join(place, "package.json"), "utf8")) as Manifest;
    for (const [dependency, optional] of [...Object.keys(packed.dependencies ?? {}).map((key) => [key, false] as const), ...Object.keys(packed.optionalDependencies ?? {}).map((key) => [key, true] as const)]) {
      if (tarballs.has(dependency)) waiting.push(dependency);
      else await link(join(place, "node_modules", dependency), tarball.room, dependency, optional);
    }
  }
}

async function link(place: string, room: string, dependency: string, optional: boolean): Promise<void> {
  const found = [join(root, room, "node_modules", dependency), join(root, "node_modules", dependency)].find((path) => existsSync(path));
  if (found === undefined) {
    if (optional) return;
    throw new Error(`${dependency}, which ${room} depends on, isn't installed`);
  }
  await mkdir(dirname(place), { recursive: true });
  await symlink(found, place);
}
