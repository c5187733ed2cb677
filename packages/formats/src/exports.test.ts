import { expect, it } from "vitest";
import { labelStudioTask, labelboxDataRow, readFileNameList, samaTask, writeFileNameList } from "./index.ts";

it("builds tasks of the contract's shapes", () => {
  const sample = { id: "0".repeat(24), fileName: "a.jpg" };
  expect(labelStudioTask({ id: 0, imageUrl: "u", fileName: "a.jpg", sample })).toEqual({ id: 0, data: { image: "u", lightlyFileName: "a.jpg", lightlyMetaInfo: sample } });
  expect(labelStudioTask({ id: 1, imageUrl: "u" })).toEqual({ id: 1, data: { image: "u" } });
  expect(labelboxDataRow({ fileName: "a.jpg", imageUrl: "u" })).toEqual({ externalId: "a.jpg", imageUrl: "u" });
  expect(samaTask({ id: 0, imageUrl: "u", fileName: "a.jpg", sample, priority: 2 })).toEqual({ priority: 2, data: { id: 0, url: "u", lightlyFileName: "a.jpg", lightlyMetaInfo: JSON.stringify(sample) } });
  expect(samaTask({ id: 0, imageUrl: "u", reserveFor: 5 })).toEqual({ reserve_for: 5, data: { id: 0, url: "u" } });
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

it("writes and reads lists of file names", async () => {
  const names = ["a b.jpg", "ü/ö,.png", "😀.jpg"];
  const bytes = Buffer.concat(await all(writeFileNameList(names)));
  expect(await all(readFileNameList([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(names);
  expect(await all(readFileNameList([new TextEncoder().encode("\uFEFFa\r\n\r\nb\r")]))).toEqual(["a", "b"]);
  await expect(all(writeFileNameList(["a\nb"]))).rejects.toThrow(RangeError);
});
