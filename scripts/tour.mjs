// Takes the pictures of docs/tour.md: every screen of the web app, over a collection that is made for it.
// node scripts/tour.mjs [folder of images]   (after npm run build; without a folder: the demo collection)
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { chromiumPath } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const sharp = createRequire(join(root, "packages/media/package.json"))("sharp");
const pictures = join(root, "docs/pictures/tour");
const token = "token-of-the-tour-of-the-app";

/** Both themes, three widths; heights as screens of that width have them. */
const views = [
  { name: "light-1440", width: 1440, height: 900, scheme: "light", kept: 1200 },
  { name: "dark-1440", width: 1440, height: 900, scheme: "dark", kept: 1200 },
  { name: "light-390", width: 390, height: 844, scheme: "light", kept: 390 },
  { name: "dark-3840", width: 3840, height: 2160, scheme: "dark", kept: 1600 },
];

const temporary = mkdtempSync(join(tmpdir(), "winnow-tour-"));
let program;
let browser;
try {
  let folder = process.argv[2] && resolve(process.argv[2]);
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
    ["workers", "/workers"],
    ["jobs", "/jobs"],
    ["preferences", "/preferences"],
  ];
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({ executablePath: executable(), args: ["--no-sandbox", "--disable-gpu"] });
  for (const { name: view, width, height, scheme, kept } of views) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(origin);
    await keep(page, "sign-in", view, kept);
    await page.getByLabel(/^Token/).fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "You", exact: true }).waitFor();
    for (const [name, path] of screens) {
      await page.goto(`${origin}${path}`);
      await keep(page, name, view, kept);
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

/** Waits until nothing moves any more, then keeps the picture at the width of the docs. */
async function keep(page, name, view, width) {
  await page.getByRole("main").first().waitFor();
  // Live events keep a connection open, so the network is never idle: two equal pictures say that the page has settled.
  let last;
  for (let i = 0; i < 20; i++) {
    await page.waitForTimeout(600);
    const now = await page.screenshot();
    if (last && now.equals(last)) break;
    last = now;
  }
  await sharp(last).resize({ width, withoutEnlargement: true }).webp({ quality: 74 }).toFile(join(pictures, `${name}-${view}.webp`));
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
