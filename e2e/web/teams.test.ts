/** Teams, webhooks and the audit log: what a user sets up once and others hear of. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { DatasetMember, TeamData, WebhookData } from "@winnow/contract";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, apiOf } from "./api.ts";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type EmptyServer, startEmpty } from "./collection.ts";

const email = "second@example.org";

describeInBrowser("teams, webhooks, activity", () => {
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
    datasetId = (await api<{ id: string }>("POST", "/v1/datasets", { name: "of the team" })).id;
    secondToken = await server.addUser(email);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  async function open(path: string, who = token): Promise<{ page: Page; strangers: readonly string[]; errors: readonly string[] }> {
    const watched = await newPage(browser, url);
    await signIn(watched.page, url, who);
    await watched.page.goto(`${url}${path}`);
    return watched;
  }
  const confirm = (page: Page, button: string) => page.getByRole("dialog").getByRole("button", { name: button }).click();

  test("a team is made, filled and given a dataset; who is taken out no longer sees it", async () => {
    const { page, strangers, errors } = await open("/teams");
    await page.getByText("You are in no team yet").waitFor();
    await page.getByRole("button", { name: "New team" }).click();
    await page.getByLabel("Name of the team").fill("labellers");
    await page.getByRole("button", { name: "Make the team" }).click();
    const card = page.getByRole("region", { name: "Team labellers" });
    const address = card.getByRole("textbox", { name: /Mail address/ });
    await address.fill("nobody");
    await card.getByRole("button", { name: "Add" }).click();
    await card.getByText("A mail address, such as name@example.org.").waitFor();
    await address.fill("Second@Example.org");
    await card.getByRole("button", { name: "Add" }).click();
    await card.getByRole("cell", { name: email, exact: true }).waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page), scheme).toEqual([]);
      await screenshot(page, `teams-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });

    // Somebody has to be left who may change it.
    const [{ email: owner }] = (await api<TeamData[]>("GET", "/v1/teams"))[0]!.members.filter(({ isAdmin }) => isAdmin) as [{ email: string }];
    await card.getByRole("checkbox", { name: `${owner} is an admin` }).click();
    await page.getByText(/make another member an admin first/).waitFor();

    await page.goto(`${url}/datasets/${datasetId}/people`);
    await page.getByRole("combobox", { name: "Role" }).click();
    await page.getByRole("option", { name: "Viewer" }).click();
    await page.getByRole("combobox", { name: "Team" }).click();
    await page.getByRole("option", { name: "labellers" }).click();
    await page.getByRole("row", { name: /Team labellers see/ }).waitFor();
    expect(await api<DatasetMember[]>("GET", `/v1/datasets/${datasetId}/members`)).toMatchObject([{ source: "CREATED" }, { source: "MEMBER", role: "VIEWER", teamName: "labellers" }]);

    const { page: second } = await open("/teams", secondToken);
    await second.getByText("Its admins decide who is in it.", { exact: false }).waitFor();
    expect(await second.getByRole("button", { name: /^(Take|More about)/ }).count()).toBe(0);
    await second.goto(`${url}/datasets/${datasetId}`);
    await second.getByText("of the team").first().waitFor();

    await page.goto(`${url}/teams`);
    await page.getByRole("button", { name: `Take ${email} out of labellers` }).click();
    await confirm(page, "Take out");
    await card.getByRole("cell", { name: email, exact: true }).waitFor({ state: "detached" });
    await second.reload();
    await second.getByText("There is no such dataset").waitFor();

    await page.getByRole("button", { name: "More about labellers" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "New name of the team" }).fill("reviewers");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("region", { name: "Team reviewers" }).waitFor();
    await page.getByRole("button", { name: "More about reviewers" }).click();
    await page.getByRole("menuitem", { name: /^Delete/ }).click();
    await confirm(page, "Delete the team");
    await page.getByText("You are in no team yet").waitFor();
    expect(await api<DatasetMember[]>("GET", `/v1/datasets/${datasetId}/members`)).toHaveLength(1);
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
    await second.context().close();
  }, 120_000);

  describe("webhooks", () => {
    /** What arrived, with the status that each was answered. */
    const received: { event: string; signature: string; body: string }[] = [];
    let status = 500;
    const receiver = http.createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        received.push({ event: String(request.headers["winnow-event"]), signature: String(request.headers["winnow-signature"]), body });
        response.writeHead(status).end();
      });
    });
    let address: string;
    beforeAll(async () => {
      await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
      address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/winnow`;
    });
    afterAll(() => {
      receiver.closeAllConnections();
      receiver.close();
    });

    test("one is made, its secret shown once; what fails is tried again, what arrives is signed; and deleted", async () => {
      const { page, strangers, errors } = await open("/webhooks");
      page.setDefaultTimeout(60_000);
      await page.getByText("No webhooks yet").waitFor();
      await page.getByRole("button", { name: "New webhook" }).click();
      await page.getByLabel("Address").fill("example.org");
      await page.getByRole("button", { name: "Make the webhook" }).click();
      await page.getByText("An address that begins with http:// or https://.").waitFor();
      await page.getByLabel("Address").fill(address);
      await page.getByRole("checkbox", { name: "A run has finished" }).uncheck();
      await page.getByRole("combobox", { name: "Dataset" }).click();
      await page.getByRole("option", { name: "of the team" }).click();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole("button", { name: "Make the webhook" }).click();
      const secret = (await page.getByLabel("Secret", { exact: true }).textContent())!;
      const card = page.getByRole("region", { name: `Webhook ${address}` });
      await card.getByText("Nothing was sent yet.", { exact: false }).waitFor();
      expect(await api<WebhookData[]>("GET", "/v1/webhooks")).toMatchObject([{ url: address, events: ["tag.created"], datasetId }]);

      await card.getByRole("button", { name: "Send a test" }).click();
      await card.getByText(/tried once, again at .*The answer was 500/).waitFor();
      status = 204;
      await api("POST", `/v1/datasets/${datasetId}/samples/bulk`, { samples: [{ fileName: "a.jpg" }] });
      await api("POST", `/v1/datasets/${datasetId}/tags/initial`, { imgType: "full", creator: "USER_PIP" });
      await card.getByRole("row", { name: /^A tag was made .*Received/i }).waitFor();
      const { signature, body } = received.find(({ event }) => event === "tag.created")!;
      const [, time, signed] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature)!;
      expect(signed).toBe(createHmac("sha256", secret).update(`${time}.${body}`).digest("hex"));
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        expect(await accessibilityProblems(page), scheme).toEqual([]);
        await screenshot(page, `webhooks-${scheme}`);
      }
      await page.emulateMedia({ colorScheme: "light" });

      // A link shows the same deliveries, and the secret never again.
      await page.reload();
      await card.getByRole("row", { name: /^A tag was made .*Received/i }).waitFor();
      expect(await page.content()).not.toContain(secret);
      await page.getByRole("button", { name: `Delete ${address}` }).click();
      await confirm(page, "Delete the webhook");
      await page.getByText("No webhooks yet").waitFor();
      expect(await api<WebhookData[]>("GET", "/v1/webhooks")).toEqual([]);
      expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
      await page.context().close();
    }, 180_000);
  });

  test("what was done is listed, narrowed and kept as a file; a link shows the same", async () => {
    await api("POST", "/v1/users/me/tokens", { name: "for the log" });
    const { page, strangers, errors } = await open("/activity");
    const table = page.getByRole("table", { name: "Activity" });
    await table.getByRole("cell", { name: "create dataset", exact: true }).waitFor();
    await page.getByRole("textbox", { name: "What" }).fill("create token");
    await table.getByRole("cell", { name: "create dataset", exact: true }).waitFor({ state: "detached" });
    await table.getByText("name: for the log").waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityProblems(page), scheme).toEqual([]);
      await screenshot(page, `activity-${scheme}`);
    }
    expect(new URL(page.url()).searchParams.get("action")).toBe("create token");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
    const [head, ...lines] = readFileSync(await file.path(), "utf8").trim().split("\r\n");
    expect(head).toMatch(/^time,action,/);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toContain(",create_token,");
    await page.reload();
    await table.getByText("name: for the log").waitFor();
    await page.getByRole("textbox", { name: "Who" }).fill("nobody@example.org");
    await page.getByText("Nothing matches").waitFor();
    await page.getByRole("button", { name: "Show everything" }).click();
    await table.getByRole("cell", { name: "create dataset", exact: true }).waitFor();
    // Who owns nothing sees only what they did themselves.
    const { page: second } = await open("/activity", secondToken);
    await second.getByRole("heading", { name: "Activity" }).waitFor();
    await second.getByText(/^(Nothing was done yet|create session)$/).first().waitFor();
    expect(await second.getByText("for the log").count()).toBe(0);
    expect({ strangers, errors }).toEqual({ strangers: [], errors: [] });
    await page.context().close();
    await second.context().close();
  }, 120_000);
});
