/** A browser for tests, and what they all do with a page of the app. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type Page, chromium } from "playwright-core";
import { describe } from "vitest";
import { chromiumPath } from "../../scripts/chromium.mjs";

/** Tests that need a browser; without one they are skipped, and say how to get it. */
export function describeInBrowser(name: string, tests: () => void): void {
  const there = chromiumPath() !== undefined;
  if (!there) console.warn(`skipped: ${name}. There is no Chromium: install it (Debian: apt-get install chromium), or say where it is with CHROMIUM=/path/to/chromium.`);
  describe.skipIf(!there)(name, tests);
}

/** Starts a browser with a profile of its own. Close it afterwards. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-prefers-reduced-motion"],
  });
}

export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** A page with what it must never do: requests to anybody but the server, and errors of its scripts. */
export interface WatchedPage {
  readonly page: Page;
  readonly strangers: readonly string[];
  readonly errors: readonly string[];
}

/** Opens a page of its own (nobody signed in). */
export async function newPage(browser: Browser, origin: string, { width = 1280, height = 800, scheme = "light" }: View = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const strangers: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && new URL(url).origin !== origin) strangers.push(url);
  });
  page.on("pageerror", (error) => errors.push(error.stack ?? String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  return { page, strangers, errors };
}

/** Signs in by the form, as people do. */
export async function signIn(page: Page, origin: string, token: string): Promise<void> {
  await page.goto(origin);
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "You", exact: true }).waitFor();
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds wrong on the page as it is, by the rules of WCAG 2.2 AA and its best practices.
 * @returns a line for each finding; none when all is well
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Colours are judged when a change of theme has come to its end; where the system's theme is followed, it takes a moment to begin.
  await page.evaluate(async () => {
    const chosen = localStorage.getItem("mantine-color-scheme-value");
    const follows = chosen === null || chosen === "auto";
    const wanted = () => (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    for (let tries = 0; follows && tries < 400 && document.documentElement.dataset["mantineColorScheme"] !== wanted(); tries++) await new Promise((resolve) => setTimeout(resolve, 25));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    await Promise.allSettled(document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity).map((animation) => animation.finished));
  });
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: tool } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }> } };
    const { violations } = await tool.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 5).map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${(failureSummary ?? "").split("\n").slice(1, 3).join(" ").trim()}`));
  });
}

/** Keeps a picture of the page below the folder that `WINNOW_SCREENSHOTS` names; without one, does nothing. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env["WINNOW_SCREENSHOTS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
