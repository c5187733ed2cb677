// Takes the pictures of docs/tour.md: every screen of the web app, over a collection that is made for it.
// node scripts/tour.mjs [folder of images] [--all FOLDER]   (after npm run build)
// Without a folder of images: the demo collection. With --all, every screen in both themes and all widths goes to FOLDER at
// full size, to look at; the pictures of the docs stay as they are.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const sharp = createRequire(join(root, "packages/media/package.json"))("sharp");
const token = "token-of-the-tour-of-the-app";
const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: "string" } } });
const everything = values.all !== undefined;
const pictures = everything ? resolve(values.all) : join(root, "docs/pictures/tour");

/** Widths, with the height that screens of that width have. */
const screenSizes = { 390: 844, 1280: 800, 1920: 1080, 3840: 2160 };
/** To look at: both themes at three widths, and the largest once. */
const views = [...[390, 1280, 1920].flatMap((width) => ["light", "dark"].map((scheme) => ({ width, scheme }))), { width: 3840, scheme: "dark" }];
/** What the docs show: as few as tell what there is. */
const shown = { light: ["home", "explore", "sample", "compare", "export", "datasource", "runs", "preferences"], dark: ["explore", "select"], small: ["explore", "select"] };
const docsViews = [
  { width: 1280, scheme: "light", only: shown.light },
  { width: 1280, scheme: "dark", only: shown.dark },
  { width: 390, scheme: "light", only: shown.small },
];

const temporary = mkdtempSync(join(tmpdir(), "winnow-tour-"));
let program;
let browser;
try {
  let folder = positionals[0] && resolve(positionals[0]);
  if (!folder) {
    folder = join(temporary, "images");
    const { drawDemoCollection } = await import(pathToFileURL(join(root, "apps/cli/dist/demo/draw.js")).href);
    await drawDemoCollection(folder, { seed: 1, count: 120 });
  }
  program = spawn(process.execPath, [join(root, "apps/cli/bin/winnow.js"), "start", folder, "--name", "collection", "--port", "0", "--data", join(temporary, "data")], { env: { ...process.env, WINNOW_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"] });
  const origin = await addressOf(program);
  const get = async (path) => {
    const answer = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const [dataset] = await get("/v1/datasets");
  const tags = await get(`/v1/datasets/${dataset.id}/tags`);
  const initial = tags.find(({ name }) => name === "initial-tag");
  const picked = tags.find(({ name }) => name !== "initial-tag");
  const at = `/datasets/${dataset.id}`;
  const screens = [
    ["home", "/"],
    ["explore", at],
    ["sample", `${at}?sample=0`],
    ["tags", `${at}/tags?tag=${initial.id}`],
    ["compare", `${at}/tags?tag=${initial.id}&with=${picked.id}&task=compare`],
    ["export", `${at}/tags?tag=${picked.id}&task=export`],
    ["select", `${at}/select`],
    ["datasource", `${at}/datasource`],
    ["runs", `${at}/runs?new`],
    ["metadata", `${at}/metadata`],
    ["people", `${at}/people`],
    ["teams", "/teams"],
    ["webhooks", "/webhooks"],
    ["activity", "/activity"],
    ["workers", "/workers"],
    ["jobs", "/jobs"],
    ["preferences", "/preferences"],
  ];
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({ executablePath: executable(), args: ["--no-sandbox", "--disable-gpu"] });
  for (const { width, scheme, only } of everything ? views : docsViews) {
    const view = `${scheme}-${width}`;
    const context = await browser.newContext({ viewport: { width, height: screenSizes[width] }, colorScheme: scheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(origin);
    if (everything) await keep(page, "sign-in", view);
    await page.getByLabel(/^Token/).fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "You", exact: true }).waitFor();
    for (const [name, path] of screens) {
      if (only && !only.includes(name)) continue;
      await page.goto(`${origin}${path}`);
      await keep(page, name, view);
    }
    await context.close();
  }
} finally {
  await browser?.close();
  if (program && program.exitCode === null) {
    program.kill("SIGTERM");
    await new Promise((done) => program.once("close", done));
  }
  rmSync(temporary, { recursive: true, force: true });
}

/** Waits until nothing moves any more, then keeps the picture. */
async function keep(page, name, view) {
  await page.getByRole("main").first().waitFor();
  // Live events keep a connection open, so the network is never idle: two equal pictures say that the page has settled.
  let last;
  for (let i = 0; i < 20; i++) {
    await page.waitForTimeout(600);
    const now = await page.screenshot();
    if (last && now.equals(last)) break;
    last = now;
  }
  const file = join(pictures, `${name}-${view}`);
  await (everything ? sharp(last).png().toFile(`${file}.png`) : sharp(last).webp({ quality: 74, effort: 6 }).toFile(`${file}.webp`));
  console.log(`${name}-${view}`);
}

function addressOf(child) {
  return new Promise((resolveAddress, reject) => {
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      const found = /Open (http:\S+) with/.exec(said);
      if (found) resolveAddress(found[1]);
    });
    child.once("close", () => reject(new Error(`winnow start ended early: ${said}`)));
  });
}

function executable() {
  const found = chromiumPath();
  if (found) return found;
  throw new Error("There is no Chromium: install it (Debian: apt-get install chromium), or say where it is with CHROMIUM=/path/to/chromium.");
}
