/**
 * The web app on a large dataset, in headless Chromium: first paint, time to a grid that can be used, and the times
 * between frames while it is scrolled and its map is moved.
 *
 *     npm run bench -- web [--samples 1000000] [--seconds 5] [--chromium /usr/bin/chromium]
 *
 * A million files would measure the disk: pictures are answered by a proxy of the benchmark, all with the same
 * thumbnail. Everything else comes from the server as it is. Chromium has no graphics card here: what it draws it draws
 * with the processor.
 */
import { fork } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeJpeg } from "@winnow/media";
import { startServer } from "@winnow/server";
import { type Page, chromium } from "playwright-core";
import { uniform } from "./measure/data.ts";

const { values: flags } = parseArgs({ options: { samples: { type: "string", default: "1000000" }, seconds: { type: "string", default: "5" }, chromium: { type: "string" }, serve: { type: "string" } } });
const token = "token-of-the-benchmark";
const webFolder = fileURLToPath(new URL("../../apps/web/dist", import.meta.url));
const dimensions = 4;

/** The server has a process of its own, as it has in life. */
async function serve(folder: string): Promise<void> {
  const server = await startServer({ dataFolder: folder, port: 0, ownerToken: token, webFolder, bodySizeMax: 512 * 1024 ** 2 });
  process.send!({ url: server.url });
  process.once("disconnect", () => void server.close().then(() => process.exit(0)));
}

/** A dataset of clusters on a plane, with metadata to filter by. */
async function fill(url: string, samples: number): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const reply = await fetch(`${url}${path}`, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as { id: string };
  };
  const { id } = await post("/v1/datasets", { name: "benchmark" });
  const random = uniform(1);
  const cities = ["Zurich", "Lagos", "Lima", "Oslo", "Pune", "Quito", "Riga"];
  const names: string[] = [];
  for (let from = 0; from < samples; from += 10_000) {
    const batch = Array.from({ length: Math.min(10_000, samples - from) }, (_, i) => {
      const fileName = `camera-${(from + i) % 7}/frame-${String(from + i).padStart(8, "0")}.jpg`;
      names.push(fileName);
      return { fileName, customMetaData: { city: cities[Math.floor(random() ** 2 * cities.length)], brightness: Math.round(1000 * random()) / 1000 } };
    });
    await post(`/v1/datasets/${id}/samples/bulk`, { samples: batch });
  }
  await post(`/v1/datasets/${id}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
  const centres = Array.from({ length: 40 }, () => [20 * random() - 10, 20 * random() - 10] as const);
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < samples; i++) {
    const [cx, cy] = centres[Math.floor(random() * centres.length)]!;
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    x.push(Number((cx + radius * Math.cos(angle)).toFixed(4)));
    y.push(Number((cy + radius * Math.sin(angle)).toFixed(4)));
  }
  // The map's owner; what is in it doesn't matter here.
  const { signedWriteUrl, embeddingId } = await ask<{ signedWriteUrl: string; embeddingId: string }>(url, `/v1/datasets/${id}/embeddings/writeCSVUrl?name=benchmark`);
  const lines = function* () {
    yield `filenames,${Array.from({ length: dimensions }, (_, i) => `embedding_${i}`).join(",")},labels\n`;
    for (let from = 0; from < samples; from += 5000) yield names.slice(from, from + 5000).map((name, i) => `${name},${x[from + i]},${y[from + i]},0,0,0\n`).join("");
  };
  const sent = await fetch(signedWriteUrl, { method: "PUT", body: ReadableStream.from(encoded(lines())), duplex: "half" } as RequestInit);
  if (!sent.ok) throw new Error(await sent.text());
  await post(`/v1/datasets/${id}/embeddings/${embeddingId}/2d`, { name: "map", dimensionalityReductionMethod: "UMAP", coordinatesDimension1: x, coordinatesDimension2: y });
  return id;
}

async function* encoded(texts: Iterable<string>): AsyncIterable<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function ask<Reply>(url: string, path: string): Promise<Reply> {
  const reply = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Reply;
}

/** Passes everything on, but answers pictures itself. */
async function proxy(target: string): Promise<{ url: string; close: () => void }> {
  const data = new Uint8Array(128 * 128 * 3).map((_, i) => (i * 7) % 251);
  const picture = Buffer.from(await encodeJpeg({ data, width: 128, height: 128 }, 70));
  const agent = new http.Agent({ keepAlive: true });
  const { hostname, port } = new URL(target);
  const server = http.createServer((request, response) => {
    if (request.url!.includes("/pictures/")) {
      response.writeHead(200, { "content-type": "image/jpeg", "cache-control": "private, max-age=300" }).end(picture);
      return;
    }
    const onward = http.request({ hostname, port, agent, method: request.method, path: request.url, headers: request.headers }, (reply) => {
      response.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

/** Waits until something holds in the page. The page's policy forbids what playwright's own waiting does with a text. */
async function until(page: Page, expression: string): Promise<void> {
  for (let tries = 0; tries < 4000; tries++) {
    if (await page.evaluate(`Boolean(${expression})`)) return;
    await page.waitForTimeout(15);
  }
  throw new Error(`it never came to be that ${expression}`);
}

/** Times between frames while something goes on. */
async function frames(page: Page, name: string, work: () => Promise<void>): Promise<void> {
  await page.evaluate(`(() => { const times = []; let last; window.recorded = times; window.recording = true; const tick = (now) => { if (last !== undefined) times.push(now - last); last = now; if (window.recording) requestAnimationFrame(tick); }; requestAnimationFrame(tick); })()`);
  await work();
  const times = ((await page.evaluate(`(window.recording = false, window.recorded)`)) as number[]).toSorted((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(1);
  const late = times.filter((time) => time > 25).length;
  console.log(`${name.padEnd(42)} ${String(times.length).padStart(5)} frames   median ${at(0.5)}   95 % ${at(0.95)}   99 % ${at(0.99)}   longest ${at(1)} ms   ${((100 * late) / times.length).toFixed(1)} % later than 25 ms`);
}

function chromiumPath(): string {
  if (flags.chromium) return flags.chromium;
  if (process.env["CHROMIUM"]) return process.env["CHROMIUM"];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) for (const name of ["chromium", "chromium-browser", "google-chrome"]) if (existsSync(join(folder, name))) return join(folder, name);
  throw new Error("There is no Chromium: install it (Debian: apt-get install chromium), or name it with --chromium.");
}

async function main(): Promise<void> {
  const samples = Number(flags.samples);
  const seconds = Number(flags.seconds);
  const executablePath = chromiumPath();
  const folder = mkdtempSync(join(tmpdir(), "winnow-bench-web-"));
  const child = fork(fileURLToPath(import.meta.url), ["--serve", folder], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  try {
    const { url } = await new Promise<{ url: string }>((resolve) => child.once("message", resolve as (value: unknown) => void));
    const began = performance.now();
    const id = await fill(url, samples);
    console.log(`${samples.toLocaleString("en")} samples, made in ${((performance.now() - began) / 1000).toFixed(1)} s; ${cpus().length} processors (load ${loadavg()[0]!.toFixed(1)}), Chromium without a graphics card (software rendering), 1440 × 900`);
    const before = await proxy(url);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
    try {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await page.goto(`${before.url}/#token=${token}`);
      await page.getByRole("heading", { name: "Datasets" }).waitFor();
      for (const round of ["first visit (columns are made)", "second visit"]) {
        const start = performance.now();
        await page.goto(`${before.url}/datasets/${id}`);
        await page.locator("[role=option] img").first().waitFor();
        await until(page, `document.querySelector("[role=option] img").complete`);
        const grid = performance.now() - start;
        await page.locator(`[data-placed="${samples}"]`).waitFor({ timeout: 120_000 });
        await until(page, `document.querySelector("canvas[data-draw-ms]")`);
        const map = performance.now() - start;
        const paint = await page.evaluate(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime`);
        console.log(`${round}: first contentful paint ${Number(paint).toFixed(0)} ms, a usable grid after ${grid.toFixed(0)} ms, the map after ${map.toFixed(0)} ms`);
      }
      await page.waitForTimeout(1000);
      const list = page.getByRole("listbox");
      await frames(page, "nothing happens", () => page.waitForTimeout(1500));
      await frames(page, "the grid is scrolled, 2,400 px/s", () => page.evaluate(`new Promise((resolve) => { const list = document.querySelector("[role=listbox]"); const until = performance.now() + ${1000 * seconds}; const step = () => { list.scrollTop += 40; if (performance.now() < until) requestAnimationFrame(step); else resolve(); }; step(); })`));
      await frames(page, "the scrollbar is dragged over all of it", () => page.evaluate(`new Promise((resolve) => { const list = document.querySelector("[role=listbox]"); const began = performance.now(); const step = () => { const share = (performance.now() - began) / ${1000 * seconds}; list.scrollTop = share * list.scrollHeight; if (share < 1) requestAnimationFrame(step); else resolve(); }; step(); })`));
      const box = (await page.getByRole("group", { name: /^Map:/ }).boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await frames(page, "the map is moved", async () => {
        await page.mouse.move(x, y);
        await page.mouse.down();
        const until = Date.now() + 1000 * seconds;
        for (let i = 0; Date.now() < until; i++) await page.mouse.move(x + 180 * Math.sin(i / 25), y + 120 * Math.cos(i / 25));
        await page.mouse.up();
      });
      await frames(page, "the map is zoomed in and out", async () => {
        const until = Date.now() + 1000 * seconds;
        for (let i = 0; Date.now() < until; i++) {
          await page.mouse.wheel(0, i % 80 < 40 ? -60 : 60);
          await page.waitForTimeout(16);
        }
      });
      const drawMs = await page.evaluate(`document.querySelector("canvas[data-draw-ms]").dataset.drawMs`);
      console.log(`the map's thread draws a frame of what is seen in ${drawMs} ms`);
      const timed = async (name: string, work: () => Promise<unknown>) => {
        const start = performance.now();
        await work();
        console.log(`${name.padEnd(42)} ${(performance.now() - start).toFixed(0)} ms`);
      };
      await timed("search by file name (the names are loaded)", async () => {
        await page.getByRole("textbox", { name: "Search by file name" }).fill("frame-00000042");
        await page.getByText(/^\d+ of /).waitFor();
      });
      await timed("another search", async () => {
        await page.getByRole("textbox", { name: "Search by file name" }).fill("camera-3/");
        await page.getByRole("listbox", { name: `${Math.ceil((samples - 3) / 7).toLocaleString("en-US")} samples`, exact: true }).waitFor();
      });
      await page.getByRole("textbox", { name: "Search by file name" }).fill("");
      await list.and(page.locator(`[aria-label="${samples.toLocaleString("en-US")} samples"]`)).waitFor();
      await timed("sorted by a number (the column is loaded)", async () => {
        await page.getByRole("combobox", { name: "Sort by" }).or(page.getByRole("textbox", { name: "Sort by" })).first().click();
        await page.getByRole("option", { name: "brightness", exact: true }).click();
        await page.waitForURL(/sort=/);
        await until(page, `!document.querySelector('[role=option][aria-posinset="1"]')?.id.endsWith("sample-0")`);
      });
      const memory = (await page.evaluate(`performance.memory.usedJSHeapSize`)) as number;
      console.log(`heap of the page: ${(memory / 2 ** 20).toFixed(0)} MiB`);
    } finally {
      await browser.close();
      before.close();
    }
  } finally {
    child.disconnect();
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

if (flags.serve === undefined) await main();
else await serve(flags.serve);
