import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "./matrix.ts";
import { applyState, fitState } from "./state.ts";

const matrix = (rows: number[][]): Matrix => ({ data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 });

describe("fitState and applyState", () => {
  it("takes the mean away and keeps unit length", () => {
    const vectors = matrix([[1, 0], [3, 0], [2, 3]]);
    const state = fitState(vectors, "some");
    expect(state).toEqual({ version: 1, encoder: "some", count: 3, mean: [2, 1] });
    const { data } = applyState(vectors, state);
    expect([...data].map((value) => Number(value.toFixed(6)))).toEqual([-0.707107, -0.707107, 0.707107, -0.707107, 0, 1]);
    expect([...vectors.data]).toEqual([1, 0, 3, 0, 2, 3]);
  });

  it("puts a later image where it would have been, also after a round through JSON", () => {
    const row = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(fc.property(fc.array(row, { minLength: 2, maxLength: 9 }), (rows) => {
      const state = fitState(matrix(rows), "some");
      const again = JSON.parse(JSON.stringify(state)) as typeof state;
      const all = applyState(matrix(rows), state).data;
      const last = applyState(matrix(rows.slice(-1)), again).data;
      expect([...last]).toEqual([...all.subarray(-4)]);
    }));
  });

  it("leaves a vector that is the mean itself at zero", () => {
    const vectors = matrix([[1, 2], [1, 2]]);
    expect([...applyState(vectors, fitState(vectors, "some")).data]).toEqual([0, 0, 0, 0]);
  });

  it("refuses what doesn't fit together", () => {
    expect(() => fitState({ data: new Float32Array(0), rows: 0, columns: 3 }, "some")).toThrow(/no vectors/);
    const state = fitState(matrix([[1, 2]]), "some");
    expect(() => applyState(matrix([[1, 2, 3]]), state)).toThrow(/2 wide, the vectors 3/);
    expect(() => applyState(matrix([[1, 2]]), { ...state, version: 2 as 1 })).toThrow(/version 2/);
  });
});
