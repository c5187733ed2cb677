/** Exploring a collection: what is filtered, chosen and asked for, in the grid, on the map and in the address. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, describeInBrowser, launch, newPage, screenshot, signIn } from "./browser.ts";
import { type Collection, startGenerated } from "./collection.ts";

const count = 60;

describeInBrowser("exploring", () => {
  let browser: Browser;
  let made: Collection;
  let page: Page;
  let watched: Awaited<ReturnType<typeof newPage>>;
  const open = async (search = "") => {
    await page.goto(`${made.url}/datasets/${made.datasetId}${search}`);
    await page.getByRole("listbox").waitFor();
  };
  const settled = (label: string) => page.getByRole("listbox", { name: label, exact: true }).waitFor();
  /** Ordinals of the chosen samples, by the address. */
  const chosenInAddress = () => new URL(page.url()).searchParams.get("chosen") ?? "";
  const map = () => page.getByRole("group", { name: /^Map:/ });

  beforeAll(async () => {
    [browser, made] = await Promise.all([launch(), startGenerated(count)]);
    watched = await newPage(browser, made.url);
    page = watched.page;
    await signIn(page, made.url, made.token);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await made?.stop();
  });

  test("grid and map show the whole collection, in both themes, without anything that axe finds wrong", async () => {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await open();
      await settled("60 samples");
      await map().and(page.locator('[data-placed="60"]')).waitFor();
      await page.locator("[role=option] img").first().waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, `explore-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("a search by file name and a filter narrow grid, counts and address; a link shows the same", async () => {
    await open();
    await page.getByRole("textbox", { name: "Search by file name" }).fill("EVEN/");
    await settled("30 samples");
    await page.getByText("30 of 60 samples").waitFor();
    expect(new URL(page.url()).searchParams.get("search")).toBe("EVEN/");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("textbox", { name: "Search by file name" }).fill("");
    await settled("60 samples");
    await page.getByRole("checkbox", { name: /^odd/ }).check();
    await settled("30 samples");
    const link = page.url();
    const second = await page.context().newPage();
    await second.goto(link);
    await second.getByRole("listbox", { name: "30 samples", exact: true }).waitFor();
    expect(await second.getByRole("option").first().getAttribute("aria-label")).toBe("odd/001.jpg");
    await second.close();
    await page.getByRole("button", { name: /^Remove: Folder/ }).click();
    await settled("60 samples");
  });

  test("sorted and grouped by a column", async () => {
    await open();
    const columns = await columnsOf(made);
    await pick(page, "Sort by", "sharpness");
    await page.waitForURL(/sort=/);
    const sharpness = await floats(made, columns.find(({ title }) => title === "sharpness")!.name);
    const least = sharpness.indexOf(Math.min(...sharpness));
    await page.locator(`[aria-posinset="1"]#sample-${least}`).waitFor();
    await page.getByRole("button", { name: /^Smallest first/ }).click();
    await page.locator(`[aria-posinset="1"]#sample-${sharpness.indexOf(Math.max(...sharpness))}`).waitFor();
    await pick(page, "Group by", "Folder");
    await page.getByText("in 2 groups").waitFor();
    await page.getByRole("listbox").getByText("even", { exact: true }).waitFor();
  });

  test("by keyboard: moving, choosing, opening, going on, closing", async () => {
    await open();
    await page.getByRole("listbox").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press(" ");
    await page.waitForURL(/chosen=1(&|$)/);
    await page.keyboard.press("Shift+ArrowRight");
    await page.waitForURL(/chosen=1-2(&|$)/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.waitForURL(/sample=2(&|$)/);
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/sample=3(&|$)/);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("listbox").focus();
    await page.keyboard.press("Escape");
    await expect.poll(chosenInAddress).toBe("");
    await page.keyboard.press("Control+a");
    await page.waitForURL(/chosen=0-59/);
  });

  test("a lasso on the map chooses exactly what lies in it, and a tag keeps it", async () => {
    await open();
    await map().and(page.locator('[data-placed="60"]')).waitFor();
    await page.getByRole("button", { name: /^Lasso/ }).click();
    const box = (await map().boundingBox())!;
    // A slanted quadrangle over part of the map, below the tools.
    const corners: [number, number][] = [[0.2, 0.25], [0.8, 0.2], [0.65, 0.7], [0.3, 0.6]].map(([x, y]) => [box.x + x! * box.width, box.y + y! * box.height]);
    await page.mouse.move(...corners[0]!);
    await page.mouse.down();
    for (const corner of [...corners.slice(1), corners[0]!]) await page.mouse.move(...corner, { steps: 6 });
    await page.mouse.up();
    await page.getByRole("region", { name: "Chosen samples" }).waitFor();

    // The same by plain means: the even-odd rule.
    const inside = (await placesOnMap(made, box)).flatMap(([x, y], i) => {
      const isInside = corners.reduce((within, [ax, ay], j) => {
        const [bx, by] = corners[(j + 1) % corners.length]!;
        return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !within : within;
      }, false);
      return isInside ? [i] : [];
    });
    expect(inside.length).toBeGreaterThan(2);
    await expect.poll(async () => ordinalsOf(chosenInAddress())).toEqual(inside);
    await screenshot(page, "explore-lasso");

    await page.getByRole("button", { name: "Make a tag" }).click();
    await page.getByLabel(/^Name/).fill("inside the line");
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "Make the tag" }).click();
    await page.getByText(/“inside the line” holds/).waitFor();
    const tag = (await made.client.getAllTags()).find(({ name }) => name === "inside the line")!;
    const bits = BigInt(tag.bitMaskData);
    expect(Array.from({ length: count }, (_, i) => i).filter((i) => (bits >> BigInt(i)) & 1n)).toEqual(inside);
  });

  test("a box on the map chooses what lies in it", async () => {
    await open();
    await map().and(page.locator('[data-placed="60"]')).waitFor();
    await page.getByRole("button", { name: /^Box/ }).click();
    const box = (await map().boundingBox())!;
    const [left, top, right, bottom] = [box.x + 0.1 * box.width, box.y + 0.3 * box.height, box.x + 0.6 * box.width, box.y + 0.9 * box.height];
    await page.mouse.move(left, top);
    await page.mouse.down();
    await page.mouse.move((left + right) / 2, (top + bottom) / 2, { steps: 3 });
    await page.mouse.move(right, bottom, { steps: 3 });
    await page.mouse.up();
    const inside = (await placesOnMap(made, box)).flatMap(([x, y], i) => (x > left && x < right && y > top && y < bottom ? [i] : []));
    expect(inside.length).toBeGreaterThan(0);
    await expect.poll(async () => ordinalsOf(chosenInAddress())).toEqual(inside);
  });

  test("what the pointer is on in the grid is ringed on the map, and the other way round", async () => {
    await open();
    await map().and(page.locator('[data-placed="60"]')).waitFor();
    const box = (await map().boundingBox())!;
    const places = await placesOnMap(made, box);
    const ring = map().locator("svg circle[r='8']");
    await page.locator("#sample-1").hover();
    await ring.waitFor();
    const [cx, cy] = await Promise.all(["cx", "cy"].map(async (name) => Number(await ring.getAttribute(name))));
    expect(cx).toBeCloseTo(places[1]![0] - box.x, 0);
    expect(cy).toBeCloseTo(places[1]![1] - box.y, 0);

    // One that is in sight in the grid, and on the map stands clear of the tools and the edges.
    const apart = (one: readonly [number, number]) => Math.min(...places.filter((other) => other !== one).map(([x, y]) => Math.hypot(x - one[0], y - one[1])));
    const clear = [0, 1, 2, 3, 4, 5].find((i) => places[i]![1] > box.y + 60 && apart(places[i]!) > 0.5)!;
    expect(clear).toBeDefined();
    await page.mouse.move(places[clear]![0] - 3, places[clear]![1] - 3);
    await page.mouse.move(places[clear]![0], places[clear]![1], { steps: 3 });
    await expect
      .poll(async () => {
        // The map's thread answers one question at a time, so the pointer moves on the spot until it is asked of where it rests.
        await page.mouse.move(places[clear]![0] + 0.3, places[clear]![1]);
        await page.mouse.move(places[clear]![0], places[clear]![1]);
        return page.locator(`#sample-${clear}`).getAttribute("data-hovered");
      })
      .toBe("true");
    await page.mouse.move(5, 5);
    await ring.waitFor({ state: "detached" });
  });

  test("a range of numbers, typed, keeps what lies in it; keys make the pictures larger", async () => {
    await open();
    const columns = await columnsOf(made);
    const sharpness = (await floats(made, columns.find(({ title }) => title === "sharpness")!.name)).toSorted((a, b) => a - b);
    // Between two that differ.
    const at = sharpness.findIndex((value, i) => i >= 20 && value > sharpness[i - 1]!);
    // As people do it: what is typed takes the place of what was there.
    await page.getByRole("textbox", { name: "sharpness: smallest" }).click();
    await page.keyboard.type(String((sharpness[at - 1]! + sharpness[at]!) / 2));
    await page.keyboard.press("Enter");
    await settled(`${count - at} samples`);
    const link = page.url();
    await open();
    await settled("60 samples");
    await page.goto(link);
    await settled(`${count - at} samples`);
    const wide = async () => (await page.getByRole("option").first().boundingBox())!.width;
    const before = await wide();
    await page.getByRole("listbox").focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("+");
    await expect.poll(wide).toBeGreaterThan(before);
    await page.waitForURL(/size=/);
  });

  test("near-duplicates, outliers and clusters at a click", async () => {
    await open();
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: /^Clusters/ }).click();
    await page.getByText(/in \d+ groups/).waitFor({ timeout: 60_000 });
    await page.getByRole("listbox").getByText("Cluster 1", { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await screenshot(page, "explore-clusters");
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: /^Outliers/ }).click();
    await page.waitForURL(/order=down/);
    const columns = await columnsOf(made);
    const scores = await floats(made, columns.find(({ name }) => name.endsWith(".outlier"))!.name);
    const strange = scores.filter((score) => score >= Math.fround(Math.min(0.5, Math.max(...scores)))).length;
    await settled(`${strange} samples`);
    const near = columns.find(({ name }) => name.endsWith(".near"));
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: /^Near-duplicates/ }).click();
    if (near) await settled(`${(await floats(made, near.name)).filter((group) => group >= 1).length} samples`);
    else await page.getByText(/There are no near-duplicates/).waitFor();
  });

  test("a sample with what was predicted of it, what is alike, and why it was selected", async () => {
    await predict(made);
    const selected = (await made.client.getAllTags()).find(({ name }) => name !== "initial-tag" && name !== "inside the line")!;
    const report = await ask<{ picks: { ordinal: number }[] }>(made, `tags/${selected.id}/selection`);
    const picked = report.picks[0]!.ordinal;
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await open(`?sample=${picked}`);
      const dialog = page.getByRole("dialog");
      await dialog.getByText(`pick 1 of ${report.picks.length}`, { exact: false }).waitFor();
      await dialog.getByText(/^(zebra|horse) 75 %$/).waitFor();
      const rectangle = dialog.locator("svg rect[data-box]");
      expect(await rectangle.evaluate((element) => ["x", "y", "width", "height"].map((name) => Number(element.getAttribute(name))))).toEqual([20, 30, 50, 40]);
      expect(await accessibilityProblems(page)).toEqual([]);
      await screenshot(page, `sample-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    const nearest = await neighbours(made, picked, 200);
    await page.getByRole("dialog").getByRole("button", { name: "More like this" }).click();
    await settled(`${nearest.length + 1} samples`);
    // As many as before, in another order.
    await expect.poll(() => page.getByRole("option").first().getAttribute("id")).toBe(`sample-${picked}`);
    await expect.poll(() => page.getByRole("option").nth(1).getAttribute("id")).toBe(`sample-${nearest[0]}`);
  });

  test("masks and keypoints lie on the pixels that they mean", async () => {
    const [width, height] = [160, 120];
    const [left, top, wide, high] = [40, 20, 30, 50];
    // Row by row, zeros first: the rows above, then each row of the rectangle, then the rest.
    const runs = [top * width + left, ...Array.from({ length: high }, (_, row) => (row === high - 1 ? [wide] : [wide, width - wide])).flat(), width - left - wide + (height - top - high) * width];
    await predictOn(made, "outlines", "INSTANCE_SEGMENTATION", { type: "INSTANCE_SEGMENTATION", taskName: "outlines", categoryId: 0, score: 0.9, segmentation: runs.join(",") });
    await predictOn(made, "joints", "KEYPOINT_DETECTION", { type: "KEYPOINT_DETECTION", taskName: "joints", categoryId: 0, score: 0.8, keypoints: [10, 15, 2, 150, 110, 1, 0, 0, 0] });
    await open("?sample=3");
    const dialog = page.getByRole("dialog");
    const canvas = dialog.locator("canvas");
    await canvas.waitFor();
    const painted = () =>
      canvas.evaluate((element: HTMLCanvasElement) => {
        const { data, width: across } = element.getContext("2d")!.getImageData(0, 0, element.width, element.height);
        const inside: number[] = [];
        for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) inside.push((i - 3) / 4);
        return { pixels: inside.length, first: [inside[0]! % across, Math.floor(inside[0]! / across)], last: [inside.at(-1)! % across, Math.floor(inside.at(-1)! / across)] };
      });
    await expect.poll(painted).toEqual({ pixels: wide * high, first: [left, top], last: [left + wide - 1, top + high - 1] });
    // A point that isn't seen isn't drawn.
    expect(await dialog.locator("svg circle").evaluateAll((circles) => circles.map((circle) => [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))]))).toEqual([[10, 15], [150, 110]]);
    await screenshot(page, "sample-masks");
  });

  test("predictions are something to filter and colour by", async () => {
    await open();
    await page.getByRole("button", { name: "animals: most certain class", expanded: true }).or(page.getByRole("button", { name: "animals: most certain class" })).first().waitFor();
    await pick(page, "Colour by", "animals: most certain class");
    await page.getByRole("group", { name: "Colours" }).getByText("zebra").waitFor();
    await screenshot(page, "explore-coloured");
  });

  test("small and large screens", async () => {
    for (const [width, height] of [[390, 844], [2560, 1440]] as const) {
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height });
        await open();
        await page.locator("[role=option] img").first().waitFor();
        expect(await accessibilityProblems(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.waitForTimeout(500);
        await screenshot(page, `explore-${width}-${scheme}`);
        await open("?sample=3");
        await page.getByRole("dialog").getByText("Most alike").waitFor();
        await page.waitForTimeout(500);
        await screenshot(page, `sample-${width}-${scheme}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("nothing was asked of anybody else, and no script failed", () => {
    expect({ strangers: watched.strangers, errors: watched.errors }).toEqual({ strangers: [], errors: [] });
  });
});

/** Chooses an entry of a list by its label. */
async function pick(page: Page, list: string, entry: string): Promise<void> {
  await page.getByRole("combobox", { name: list }).or(page.getByRole("textbox", { name: list })).first().click();
  await page.getByRole("option", { name: entry, exact: true }).click();
}

async function ask<Reply>(made: Collection, path: string): Promise<Reply> {
  const reply = await fetch(`${made.url}/v1/datasets/${made.datasetId}/${path}`, { headers: { authorization: `Bearer ${made.token}` } });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (reply.headers.get("content-type") ?? "").startsWith("application/json") ? ((await reply.json()) as Reply) : ((await reply.arrayBuffer()) as Reply);
}

/** Where each sample stands on the page when the map shows all of them. */
async function placesOnMap(made: Collection, box: { x: number; y: number; width: number; height: number }): Promise<[number, number][]> {
  const mapName = (await columnsOf(made)).find(({ group, title }) => group === "map" && title.startsWith("UMAP"))!.name;
  const points = await floats(made, mapName);
  const [xs, ys] = [0, 1].map((axis) => points.filter((_, i) => i % 2 === axis)) as [number[], number[]];
  const [minX, maxX, minY, maxY] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = 0.9 * Math.min(box.width / (maxX - minX), box.height / (maxY - minY));
  return xs.map((x, i) => [(x - (minX + maxX) / 2) * scale + box.width / 2 + box.x, box.height / 2 - (ys[i]! - (minY + maxY) / 2) * scale + box.y]);
}

async function columnsOf(made: Collection): Promise<{ name: string; title: string; group: string }[]> {
  return (await ask<{ columns: { name: string; title: string; group: string }[] }>(made, "columns")).columns;
}

async function floats(made: Collection, name: string): Promise<number[]> {
  return [...new Float32Array(await ask<ArrayBuffer>(made, `columns/values?name=${encodeURIComponent(name)}`))];
}

async function neighbours(made: Collection, ordinal: number, wanted: number): Promise<number[]> {
  return (await ask<{ ordinals: number[] }>(made, `neighbours?ordinal=${ordinal}&count=${wanted}`)).ordinals;
}

/** `3,7-9` as numbers. */
function ordinalsOf(text: string): number[] {
  return text === "" ? [] : text.split(",").flatMap((part) => {
    const [from, to] = part.split("-").map(Number);
    return Array.from({ length: (to ?? from!) - from! + 1 }, (_, i) => from! + i);
  });
}

/** A box on every picture. */
async function predict(made: Collection): Promise<void> {
  const headers = { authorization: `Bearer ${made.token}`, "content-type": "application/json" };
  const base = `${made.url}/v1/datasets/${made.datasetId}/predictions`;
  const query = "?predictionUUIDTimestamp=1000";
  const post = async (path: string, body: object) => {
    const reply = await fetch(`${base}/${path}${query}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(await reply.text());
  };
  await post("tasks", { name: "animals", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "zebra" }, { id: 1, name: "horse" }] });
  const names = await ask<string[]>(made, "samples/partial?mode=fileNames").then((samples) => (samples as unknown as { fileName: string }[]).map(({ fileName }) => fileName));
  await post("bulk", { taskName: "animals", predictions: names.map((fileName, i) => ({ fileName, singletons: [{ type: "OBJECT_DETECTION", taskName: "animals", categoryId: i % 2, score: 0.75, bbox: [20, 30, 50, 40] }] })) });
}

/** A prediction of another task on the fourth picture. */
async function predictOn(made: Collection, task: string, type: string, singleton: object): Promise<void> {
  const [, , , { fileName }] = (await ask<{ fileName: string }[]>(made, "samples/partial?mode=fileNames")) as [unknown, unknown, unknown, { fileName: string }];
  for (const [path, body] of [["tasks", { name: task, type, categories: [{ id: 0, name: "shape" }] }], ["bulk", { taskName: task, predictions: [{ fileName, singletons: [singleton] }] }]] as const) {
    const reply = await fetch(`${made.url}/v1/datasets/${made.datasetId}/predictions/${path}?predictionUUIDTimestamp=1000`, { method: "POST", headers: { authorization: `Bearer ${made.token}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(await reply.text());
  }
}
