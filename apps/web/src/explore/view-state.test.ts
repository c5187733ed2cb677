import fc from "fast-check";
import { expect, test } from "vitest";
import { type ViewState, readView, writeView } from "./view-state.ts";

const bound = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)));
const condition = fc.oneof(
  fc.record({ column: fc.string(), from: bound, to: bound }),
  fc.record({ column: fc.string(), labels: fc.uniqueArray(fc.integer({ min: 0, max: 65535 }), { maxLength: 5 }) }),
);
const name = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
const ordinal = fc.option(fc.integer({ min: 0, max: 1e8 }), { nil: undefined });

test("a link leads back to the same view", () => {
  const view: fc.Arbitrary<ViewState> = fc.record({
    show: fc.constantFrom("both", "grid", "map"),
    size: fc.integer({ min: 48, max: 512 }),
    search: fc.string(),
    tag: name,
    conditions: fc.array(condition, { maxLength: 4 }),
    sort: name,
    descending: fc.boolean(),
    group: name,
    colour: name,
    map: name,
    at: fc.constantFrom("", "1.5,-2,30"),
    chosen: fc.constantFrom("", "3,7-19"),
    sample: ordinal,
    like: ordinal,
  });
  fc.assert(fc.property(view, (state) => {
    expect(readView(new URLSearchParams(writeView(state).toString()))).toEqual(state);
  }));
});

test("an address that makes no sense gives the initial view", () => {
  expect(readView(new URLSearchParams("show=x&size=9999&where=a&where=1..b~c&sample=-1"))).toEqual(readView(new URLSearchParams()));
});
