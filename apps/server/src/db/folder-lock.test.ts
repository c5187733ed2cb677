import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("one at a time, and again after it was released", async () => {
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow("This process already runs a server on the data folder");
  expect(await readFile(join(folder, "server.lock"), "utf8")).toBe(String(process.pid));
  await unlock();
  await (await lockFolder(folder))();
});

test("of many at once exactly one gets the folder", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
  const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(won).toHaveLength(1);
  await won[0]!.value();
});

test("a note of a process that is gone, or whose number another program has by now, holds nobody up", async () => {
  for (const note of ["99999999", String(process.ppid), "1", "", "nonsense"]) {
    await writeFile(join(folder, "server.lock"), note);
    await (await lockFolder(folder))();
  }
});

test("another process holds the folder until it ends, however it ends", async () => {
  const built = new URL("../../dist/db/folder-lock.js", import.meta.url).href;
  const script = `import(${JSON.stringify(built)}).then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)})).then(() => { console.log("held"); setInterval(() => {}, 1000); });`;
  const holder = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  await expect(lockFolder(folder)).rejects.toThrow(`Another server (process ${holder.pid}) already uses the data folder ${folder}`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await lockFolder(folder))();
});
