/** Sharing with a second user, tokens, password, the look of things. */
import type { DatasetData, SharedAccessConfigData, TokenData } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type EmptyServer, startEmpty } from "./collection.ts";

const email = "second@example.org";

describeInBrowser("people and preferences", () => {
  let browser: Browser;
  let server: EmptyServer;
  let url: string;
  let token: string;
  let api: Api;
  let datasetId: string;
  let secondToken: string;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startEmpty()]);
    ({ url, token } = server);
    api = apiOf(url, token);
    datasetId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "to be shared" })).id;
    secondToken = await server.addUser(email);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  async function open(path: string, who = token, view: Parameters<typeof newPage>[2] = {}): Promise<{ page: Page; strangers: readonly string[]; errors: readonly string[] }> {
    const watched = await newPage(browser, url, view);
    await signIn(watched.page, url, who);
    await watched.page.goto(`${url}${path}`);
    return watched;
  }

  test("shared with a second user, who sees it at once and can't share it on; and taken back", async () => {
    const { page } = await open(`/datasets/${datasetId}/people`);
    const { page: second } = await open("/", secondToken);
    await page.getByText("Nobody else sees the dataset.").waitFor();
    await page.getByRole("textbox", { name: "Mail address" }).fill("nobody");
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByText("A mail address, such as name@example.org.").waitFor();
    await page.getByRole("textbox", { name: "Mail address" }).fill("Second@Example.org");
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("cell", { name: email, exact: true }).waitFor();
    expect((await api<SharedAccessConfigData[]>("GET", `/v1/datasets/${datasetId}/collaboration/access`))[0]!.users).toEqual([email]);

    await second.reload();
    await second.getByText("to be shared").first().waitFor();
    await second.goto(`${url}/datasets/${datasetId}/people`);
    await second.getByText("The dataset is shared with you.").waitFor();
    expect(await second.getByRole("button", { name: "Share" }).count()).toBe(0);
    expect(await accessibilityProblems(second)).toEqual([]);

    await page.getByRole("button", { name: `Stop sharing with ${email}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop sharing" }).click();
    await page.getByText("Nobody else sees the dataset.").waitFor();
    await second.reload();
    await second.getByText("There is no such dataset").waitFor();
    expect(await apiOf(url, secondToken)<DatasetData[]>("GET", "/v1/datasets?shared=true")).toEqual([]);
    await page.context().close();
    await second.context().close();
  });

  test("shared with a viewer, who sees it and changes nothing", async () => {
    const { page } = await open(`/datasets/${datasetId}/people`);
    await page.getByRole("textbox", { name: "Mail address" }).fill(email);
    await page.getByRole("combobox", { name: "Role" }).click();
    await page.getByRole("option", { name: "Viewer" }).click();
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("row", { name: `${email} see`, exact: false }).waitFor();
    expect((await api<{ email?: string; role: string }[]>("GET", `/v1/datasets/${datasetId}/members`)).find((member) => member.email === email)?.role).toBe("VIEWER");
    await expect(apiOf(url, secondToken)("PUT", `/v1/datasets/${datasetId}`, { name: "renamed" })).rejects.toThrow("403");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("button", { name: `Stop sharing with ${email}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop sharing" }).click();
    await page.getByText("Nobody else sees the dataset.").waitFor();
    await page.context().close();
  });

  test("a token that ends and only reads", async () => {
    const { page } = await open("/preferences");
    await page.getByRole("textbox", { name: "Name of the new token" }).fill("dashboard");
    await page.getByRole("combobox", { name: "How long the new token works" }).click();
    await page.getByRole("option", { name: "For 30 days" }).click();
    await page.getByLabel("It may only read").check();
    await page.getByRole("button", { name: "Make a token" }).click();
    const made = (await page.getByLabel("Token", { exact: true }).textContent())!;
    await expect(apiOf(url, made)("POST", "/v1/datasets", { name: "not made" })).rejects.toThrow("403");
    await page.getByRole("row", { name: /dashboard.*only reads/ }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });

  test("a token is shown once, works, and stops working when it is revoked", async () => {
    const { page } = await open("/preferences");
    await page.getByRole("textbox", { name: "Name of the new token" }).fill("training server");
    await page.getByRole("button", { name: "Make a token" }).click();
    const made = (await page.getByLabel("Token", { exact: true }).textContent())!;
    expect((await apiOf(url, made)<TokenData[]>("GET", "/v1/users/me/tokens")).map(({ name }) => name)).toContain("training server");
    await screenshot(page, "preferences-token");
    await page.reload();
    await page.getByRole("cell", { name: "training server", exact: true }).waitFor();
    expect(await page.content()).not.toContain(made);
    await page.getByRole("button", { name: "Revoke training server" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke it" }).click();
    await page.getByRole("cell", { name: "training server", exact: true }).waitFor({ state: "detached" });
    await expect(apiOf(url, made)("GET", "/v1/users/me/tokens")).rejects.toThrow("401");
    await page.context().close();
  });

  test("theme and density stay", async () => {
    const { page } = await open("/preferences");
    const size = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    const before = await size();
    await page.getByText("Compact", { exact: true }).click();
    await page.getByText("Dark", { exact: true }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset["mantineColorScheme"])).toBe("dark");
    expect(Number.parseFloat(await size())).toBeLessThan(Number.parseFloat(before));
    await page.reload();
    await page.getByRole("heading", { name: "Preferences" }).waitFor();
    expect(Number.parseFloat(await size())).toBeLessThan(Number.parseFloat(before));
    expect(await page.evaluate(() => document.documentElement.dataset["mantineColorScheme"])).toBe("dark");
    await page.context().close();
  });

  test("a password is set, and signs in beside the token", async () => {
    const { page } = await open("/preferences", secondToken);
    await page.getByLabel("New password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("At least 10 characters.").waitFor();
    await page.getByLabel("New password", { exact: true }).fill("long enough to be one");
    await page.getByLabel("New password, again").fill("long enough to be two");
    await page.getByText("The two are not the same.").waitFor();
    await page.getByLabel("New password, again").fill("long enough to be one");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("The password is set.").waitFor();
    const { page: fresh } = await newPage(browser, url);
    await fresh.goto(url);
    await fresh.getByRole("button", { name: "Use mail address and password instead" }).click();
    await fresh.getByLabel("Mail address").fill(email);
    await fresh.locator("input[name=password]").fill("long enough to be one");
    await fresh.getByRole("button", { name: "Sign in" }).click();
    await fresh.getByRole("button", { name: "You", exact: true }).waitFor();
    await fresh.context().close();
    await page.context().close();
  });

  test.each([
    ["light", 1280, 900],
    ["dark", 390, 844],
    ["dark", 2560, 1440],
  ] as const)("nothing is out of reach (%s, %d pixels)", async (scheme, width, height) => {
    const { page, strangers, errors } = await open("/preferences", token, { scheme, width, height });
    for (const [path, ready] of [["/preferences", "Keyboard"], ["/jobs", "Jobs"], [`/datasets/${datasetId}/people`, "Mail address"]] as const) {
      await page.goto(`${url}${path}`);
      await page.getByText(ready).first().waitFor();
      expect(await accessibilityProblems(page), path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${path}: fits`).toBe(true);
      await screenshot(page, `${path.split("/").at(-1)}-${scheme}-${width}`);
    }
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
  });
});
