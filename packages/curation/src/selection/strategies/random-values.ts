import { generator } from "../../random/generator.ts";

/**
 * RANDOM: the shuffle of the method RANDOM (Fisher and Yates; Durstenfeld 1964) as values: the first of the shuffle has
 * 1, the last 1 / count. Highest first they are that selection, pick for pick.
 */
export function randomValues(count: number, seed: number): Float64Array {
  const draw = generator(seed);
  const order = Uint32Array.from({ length: count }, (_, position) => position);
  const values = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const other = index + draw.below(count - index);
    const position = order[other]!;
    order[other] = order[index]!;
    values[position] = (count - index) / count;
  }
  return values;
}
