import type { StrategyEntry } from "./configuration.ts";
import type { StrategyValues } from "./values.ts";

/** Samples that hold the same of every class. */
interface Group {
  /** The classes that occur, and how often. */
  readonly classes: Uint32Array;
  readonly amounts: Float64Array;
  readonly sum: number;
  /** How many candidates of it aren't picked yet. */
  left: number;
}

/** How well each candidate would balance what is chosen. */
export interface Balance {
  /** Group of each candidate, by position. */
  readonly groupOf: Uint32Array;
  /** Per group, valid after `update`: how far off the target all chosen would be with such a sample, −1 … 0; −2 without any class. */
  readonly keys: Float64Array;
  /** The same as gain 0 … 1. */
  readonly gains: Float64Array;
  /** Brings keys and gains up to date. */
  update(): void;
  /** Counts a candidate as chosen. */
  choose(position: number): void;
}

// Sums in another order differ in their last bits; on this grid what is equal on paper is equal.
const GRID = 2 ** 40;

/**
 * BALANCE. With T(c) how often class c occurs in all chosen and v(c) in a candidate, the share of a class would become
 * q(c) = (T(c) + v(c)) / Σ(T + v). How far that is from the target t is half the sum of the differences (the total
 * variation distance, 0 … 1):
 *
 *     off(i) = ½ Σ |q(c) − t(c)|          gain(i) = (most − off(i)) / (most − least)
 *
 * most and least over the candidates not picked yet (all equal: gain 1), so that it keeps its say when hundreds are chosen
 * and one more changes little. Candidates that another strategy rules out count there too: which those are need not be
 * known before their turn. Candidates without any class have gain 0.
 *
 * Targets: TARGET as given, the rest of 1 for all classes that aren't named together; UNIFORM the same for each class that
 * occurs in the query; INPUT as the query has it. One step costs O(candidates + classes · different sums of v).
 */
export function balance(entry: StrategyEntry, values: StrategyValues, query: Uint32Array, candidates: Uint32Array, preselected: Uint32Array): Balance {
  const { amountsOf, target } = prepared(entry, values, query);
  const totals = new Float64Array(target.length);
  let sum = 0;
  const count = ({ classes, amounts }: Pick<Group, "classes" | "amounts">): void => {
    classes.forEach((one, at) => {
      totals[one]! += amounts[at]!;
      sum += amounts[at]!;
    });
  };
  for (const ordinal of preselected) count(amountsOf(ordinal));

  const groups: Group[] = [];
  const numbers = new Map<string, number>();
  const groupOf = Uint32Array.from(candidates, (ordinal) => {
    const { classes, amounts } = amountsOf(ordinal);
    const key = `${classes.join()};${amounts.join()}`;
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = groups.length));
      groups.push({ classes, amounts, sum: amounts.reduce((a, b) => a + b, 0), left: 0 });
    }
    groups[number]!.left++;
    return number;
  });

  const keys = new Float64Array(groups.length);
  const gains = new Float64Array(groups.length);
  return {
    groupOf,
    keys,
    gains,
    update() {
      const bases = new Map<number, number>();
      let [least, most] = [Infinity, -Infinity];
      groups.forEach((group, number) => {
        if (group.left === 0) return;
        keys[number] = group.sum === 0 ? -2 : -offTarget(group, sum, totals, target, bases);
        if (group.sum === 0) return;
        least = Math.min(least, -keys[number]!);
        most = Math.max(most, -keys[number]!);
      });
      groups.forEach((group, number) => {
        if (group.left > 0) gains[number] = group.sum === 0 ? 0 : most > least ? (most + keys[number]!) / (most - least) : 1;
      });
    },
    choose(position) {
      const group = groups[groupOf[position]!]!;
      group.left--;
      count(group);
    },
  };
}

function offTarget(group: Group, sum: number, totals: Float64Array, target: Float64Array, bases: Map<number, number>): number {
  const all = sum + group.sum;
  // What all classes would be off if they only got thinner; the same for all groups of this sum.
  let off = bases.get(group.sum);
  if (off === undefined) {
    off = 0;
    for (let one = 0; one < target.length; one++) off += Math.abs(totals[one]! / all - target[one]!);
    bases.set(group.sum, off);
  }
  group.classes.forEach((one, at) => {
    off! += Math.abs((totals[one]! + group.amounts[at]!) / all - target[one]!) - Math.abs(totals[one]! / all - target[one]!);
  });
  return Math.round((off / 2) * GRID) / GRID;
}

/** Which class of the balance each category of the values is, and the target by class. */
function prepared({ input, strategy }: StrategyEntry, values: StrategyValues, query: Uint32Array): { amountsOf: (ordinal: number) => Pick<Group, "classes" | "amounts">; target: Float64Array } {
  if (strategy.type !== "BALANCE" || !("categories" in values)) throw new TypeError("balance works on classes");
  const { categories } = values;
  const { target } = strategy;
  const counted = input.type === "PREDICTIONS" ? input.categories : null;
  const named = target === null ? categories : Object.keys(target);
  // Those that aren't named share one class at the end; −1: doesn't count at all.
  const places = new Map(named.map((name, place) => [name, place]));
  const classOf = Int32Array.from(categories, (name) => (counted !== null && !counted.includes(name) ? -1 : (places.get(name) ?? named.length)));
  // Of codes there are few different ones.
  const byCode: Pick<Group, "classes" | "amounts">[] = [];
  const amountsOf = (ordinal: number): Pick<Group, "classes" | "amounts"> => {
    if (!("codes" in values)) return amountsIn(ordinal);
    const code = values.codes[ordinal]! + 1;
    return (byCode[code] ??= amountsIn(ordinal));
  };
  const amountsIn = (ordinal: number): Pick<Group, "classes" | "amounts"> => {
    const amounts = new Map<number, number>();
    const add = (category: number, amount: number): void => {
      const one = classOf[category]!;
      if (one >= 0 && amount > 0) amounts.set(one, (amounts.get(one) ?? 0) + amount);
    };
    if ("codes" in values) {
      if (values.codes[ordinal]! >= 0) add(values.codes[ordinal]!, 1);
    } else if ("counts" in values) {
      for (let category = 0; category < categories.length; category++) add(category, values.counts[ordinal * categories.length + category]!);
    }
    const classes = Uint32Array.from(amounts.keys()).sort();
    return { classes, amounts: Float64Array.from(classes, (one) => amounts.get(one)!) };
  };
  if (target !== null) {
    const shares = Object.values(target);
    return { amountsOf, target: Float64Array.of(...shares, Math.max(0, 1 - shares.reduce((a, b) => a + b, 0))) };
  }
  const occurring = new Float64Array(categories.length + 1);
  for (const ordinal of query) {
    const { classes, amounts } = amountsOf(ordinal);
    classes.forEach((one, at) => {
      occurring[one]! += amounts[at]!;
    });
  }
  const weights = strategy.distribution === "INPUT" ? occurring : occurring.map((amount) => (amount > 0 ? 1 : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  return { amountsOf, target: weights.map((weight) => (total > 0 ? weight / total : 0)) };
}
