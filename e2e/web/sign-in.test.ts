/** The way in and out. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { startEmpty } from "./collection.ts";

describeInBrowser("signing in", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startEmpty>>;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startEmpty()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test.each(["light", "dark"] as const)("by token, and out again (%s)", async (scheme) => {
    const { page, strangers, errors } = await newPage(browser, server.url, { scheme });
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, `sign-in-${scheme}`);

    await page.getByLabel(/^Token/).fill("not-the-token");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();

    await signIn(page, server.url, server.token);
    await page.getByText("No datasets yet").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, `home-empty-${scheme}`);

    await page.getByRole("button", { name: "You", exact: true }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });

  test("by a link, whose token doesn't stay in the address", async () => {
    const { page } = await newPage(browser, server.url);
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByText("No datasets yet").waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    await page.context().close();
  });
});
