import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lane, type Leave } from "./lane.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Enters and keeps what it was told. */
function enter(lane: Lane, units = 1): { told: boolean; leave: Leave | undefined; giveUp: () => void } {
  const one: { told: boolean; leave: Leave | undefined; giveUp: () => void } = { told: false, leave: undefined, giveUp: () => undefined };
  one.giveUp = lane.enter(units, (leave) => {
    if (one.told) throw new Error("told twice");
    Object.assign(one, { told: true, leave });
  });
  return one;
}

test("lets in what there is place for, and the next one when a place is given back, in their order", () => {
  const lane = new Lane(2, 10, 1_000);
  const [first, second, third, fourth] = [enter(lane), enter(lane), enter(lane), enter(lane)];
  expect([first, second, third, fourth].map(({ leave }) => leave !== undefined)).toEqual([true, true, false, false]);
  second!.leave!();
  second!.leave!();
  expect([third!.told, fourth!.told]).toEqual([true, false]);
  expect(lane).toMatchObject({ taken: 2, waiting: 1, turnedAway: 0 });
});

test("turns away what finds too many waiting, and what has waited for too long", () => {
  const lane = new Lane(1, 1, 1_000);
  const [inside, waiting, tooMany] = [enter(lane), enter(lane), enter(lane)];
  expect(tooMany).toMatchObject({ told: true, leave: undefined });
  vi.advanceTimersByTime(999);
  expect(waiting!.told).toBe(false);
  vi.advanceTimersByTime(1);
  expect(waiting).toMatchObject({ told: true, leave: undefined });
  expect(lane).toMatchObject({ taken: 1, waiting: 0, turnedAway: 2 });
  inside!.leave!();
  expect(enter(lane).leave).toBeDefined();
});

test("a heavy one waits until all of it has place and isn't overtaken; who gives up makes way", () => {
  const lane = new Lane(4, 10, 1_000);
  const light = enter(lane);
  const heavy = enter(lane, 100);
  const behind = enter(lane);
  expect([heavy.told, behind.told]).toEqual([false, false]);
  heavy.giveUp();
  expect(behind.leave).toBeDefined();
  const again = enter(lane, 100);
  light.leave!();
  expect(again.told).toBe(false);
  behind.leave!();
  expect(again.leave).toBeDefined();
  expect(lane.taken).toBe(4);
});

test("whatever comes and goes: never more inside than there is place for, nobody waits while there is place, all is given back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.record({ what: fc.constantFrom("enter", "leave", "giveUp", "late"), units: fc.integer({ min: 1, max: 8 }), which: fc.nat() }), { maxLength: 60 }), (capacity, steps) => {
      const lane = new Lane(capacity, 5, 1_000);
      const all: (ReturnType<typeof enter> & { units: number; gone: boolean })[] = [];
      for (const { what, units, which } of steps) {
        const one = all[which % Math.max(1, all.length)];
        if (what === "enter") {
          const entered = enter(lane, units);
          all.push(Object.assign(entered, { units: Math.min(units, capacity), gone: false }));
        } else if (what === "late") vi.advanceTimersByTime(400);
        else if (one && what === "leave" && one.leave) {
          one.gone = true;
          one.leave();
        } else if (one && what === "giveUp" && !one.told) {
          one.gone = true;
          one.giveUp();
        }
        const inside = all.filter(({ leave, gone }) => leave !== undefined && !gone).reduce((sum, { units: weight }) => sum + weight, 0);
        expect(lane.taken).toBe(inside);
        expect(inside).toBeLessThanOrEqual(capacity);
        const waiting = all.filter(({ told, gone }) => !told && !gone);
        expect(lane.waiting).toBe(waiting.length);
        if (waiting[0]) expect(inside + waiting[0].units).toBeGreaterThan(capacity);
      }
      for (const one of all) if (!one.told) one.giveUp();
      for (const one of all) one.leave?.();
      expect(lane).toMatchObject({ taken: 0, waiting: 0 });
    }),
    { seed: 20_260_101, numRuns: 200 },
  );
});
