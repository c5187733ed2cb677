import fc from "fast-check";
import { expect, it } from "vitest";
import { RuntimeError } from "./errors.ts";
import { jsonItems } from "./json-items.ts";

async function items(text: string, sizes: readonly number[] = [1 << 20]): Promise<unknown[]> {
  const bytes = new TextEncoder().encode(text);
  function* pieces() {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length]!;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  const list: unknown[] = [];
  for await (const item of jsonItems(pieces())) list.push(item);
  return list;
}

it("gives what parsing the whole gives, however it is cut and indented", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.constantFrom(0, 1, "\t"),
      async (list, sizes, indent) => {
        const text = JSON.stringify(list, null, indent);
        expect(await items(text, sizes)).toEqual(JSON.parse(text));
      },
    ),
  );
});

it("refuses what is no list of objects, or only a part of one", async () => {
  for (const text of ["", "null", '"[]"', "{}", "[[1]]", "[{}", '[{"a":"', "]", "[{]}", '{"a":[{}]}', "[] []"]) await expect(items(text), text).rejects.toThrow(RuntimeError);
});
