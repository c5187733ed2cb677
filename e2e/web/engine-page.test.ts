/** examples/browser in a real browser: it reads a file, maps and selects in the page, with the picks that Node makes. */
import { createServer, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { matrix, selectSamples } from "@winnow/curation";
import { readEmbeddingsCsv, writeEmbeddingsCsv } from "@winnow/formats";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage } from "./browser.ts";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const ROWS = 300;

describeInBrowser("the engine in a page", () => {
  let folder: string;
  let server: Server;
  let origin: string;
  let browser: Browser;
  let csv: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-page-"));
    const site = join(folder, "site");
    await build({ root: fileURLToPath(new URL("../../examples/browser/", import.meta.url)), configFile: false, logLevel: "silent", build: { outDir: site, target: "es2022" }, worker: { format: "es" } });
    // Isolated, so that threads can share memory.
    server = createServer((request, response) => {
      const path = request.url === "/" ? "/index.html" : new URL(request.url!, "http://page").pathname;
      readFile(join(site, path)).then(
        (bytes) => response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }).end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    csv = join(folder, "embeddings.csv");
    const lumps = Array.from({ length: ROWS }, (_, i) => ({ fileName: `image-${i}.jpg`, values: Array.from({ length: 16 }, (_, j) => 5 * Math.cos((i % 3) * 2 + j) + Math.sin(i * 12.9898 + j * 78.233)) }));
    await writeFile(csv, writeEmbeddingsCsv(lumps));
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function picksInNode(nSamples: number): Promise<string[]> {
    const { fileNames, rows, width, data } = await readEmbeddingsCsv([await readFile(csv)]);
    const points = matrix(rows, width);
    points.data.set(data);
    const { ordinals } = await selectSamples({ method: "CORESET", size: rows, points, nSamples });
    return Array.from(ordinals, (ordinal) => fileNames[ordinal]!);
  }

  it("maps and selects as Node does, asks nobody, and says what is wrong with a file", { timeout: 180_000 }, async () => {
    const { page, errors, strangers } = await newPage(browser, origin);
    page.setDefaultTimeout(120_000);
    await page.goto(origin);
    expect(await accessibilityProblems(page)).toEqual([]);
    const shown = async (): Promise<string[]> => (await page.locator("#picks li").allTextContents()).map((text) => text.split(" ")[0]!);
    const drawn = (): Promise<number> => page.locator("#map").evaluate((node) => {
      const canvas = node as unknown as { width: number; height: number; getContext(kind: string): { getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray } } };
      return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0 ? 1 : 0), 0);
    });

    expect(await drawn()).toBe(0);
    await page.locator("#file").setInputFiles(csv);
    await page.getByText(`10 of ${ROWS} selected`).waitFor();
    expect(await shown()).toEqual(await picksInNode(10));
    // Dots of 300 points cover more than the ten picks could.
    expect(await drawn()).toBeGreaterThan(10 * Math.PI * 13 ** 2);

    await page.getByLabel("How many").fill("25");
    await page.getByLabel("How many").press("Tab");
    await page.getByText(`25 of ${ROWS} selected`).waitFor();
    expect(await shown()).toEqual(await picksInNode(25));

    const broken = join(folder, "broken.csv");
    await writeFile(broken, "filenames,embedding_0,labels\na.jpg,none,0\n");
    await page.locator("#file").setInputFiles(broken);
    await page.getByRole("status").getByText(/none|number/).waitFor();
    expect(errors).toEqual([]);
    expect(strangers).toEqual([]);
  });
});
