/** The contract and the engine read the same form of a selection, each by itself: here they are held together. */
import { examineRunConfiguration, readRunConfiguration, selectionCatalogue } from "@winnow/contract";
import { strategyConfiguration } from "@winnow/curation";
import fc from "fast-check";
import { expect, test } from "vitest";

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A value for a key: mostly a good one, sometimes not. */
function valueFor({ kind }: (typeof selectionCatalogue.inputs)[number]["keys"][number]): fc.Arbitrary<unknown> {
  const good: fc.Arbitrary<unknown> = {
    boolean: () => fc.boolean(),
    integer: () => fc.integer({ min: 1, max: 30 }),
    number: () => fc.double({ min: 0.1, max: 1, noNaN: true }),
    text: () => fc.constantFrom("task_a", "0123456789abcdef01234567", "a name"),
    choice: () => fc.constantFrom(...(kind.type === "choice" ? kind.values : [])),
    list: () => fc.constantFrom(["a"], ["a", "b"], []),
    size: () => fc.constant(-1),
    amount: () => fc.constant(3),
    shares: () => fc.constantFrom({ car: 0.5 }, { big_car: 0.25, "Small Car": 0.75 }),
  }[kind.type]();
  return fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: fc.constantFrom<unknown>(null, -3, {}, [], true, { car: 2 }) });
}

function typed(members: typeof selectionCatalogue.inputs | typeof selectionCatalogue.strategies): fc.Arbitrary<Record<string, unknown>> {
  return fc.constantFrom(...members).chain(({ type, keys }) =>
    fc.record(Object.fromEntries(keys.map((key) => [key.path, valueFor(key)])), { requiredKeys: keys.filter(({ required }) => required).map(({ path }) => path) }).chain((values) =>
      fc.boolean().map((isCamel) => ({ type, ...Object.fromEntries(Object.entries(values).map(([name, value]) => [isCamel ? camel(name) : name, value])) })),
    ),
  );
}

/** Mostly an input that the strategy works on. */
const entries = fc.constantFrom(...selectionCatalogue.strategies).chain((strategy) => {
  const fitting = selectionCatalogue.inputs.filter(({ type }) => (strategy.inputs as readonly string[]).includes(type));
  return fc.record({ input: fc.oneof({ weight: 5, arbitrary: typed(fitting) }, { weight: 1, arbitrary: typed(selectionCatalogue.inputs) }), strategy: typed([strategy]) });
});

const selections = fc
  .array(entries, { minLength: 0, maxLength: 3 })
  .chain((strategies) => fc.constantFrom({ n_samples: 5 }, { proportionSamples: 0.5 }, { nSamples: -1 }, { n_samples: 5, typo: 1 }).map((size) => ({ ...size, strategies })));

test("what one takes the other takes, and reads the same", () => {
  let taken = 0;
  fc.assert(
    fc.property(selections, (selection) => {
      const { problems } = examineRunConfiguration({ selection });
      let engine: unknown;
      try {
        engine = strategyConfiguration(selection);
      } catch {
        engine = undefined;
      }
      // The names of tasks, datasets and tags have a form on the wire; the engine takes any.
      const beyond = problems.filter(({ message }) => !/a name of letters|an id \(|the name of a tag/.test(message));
      if (engine === undefined) expect(problems, JSON.stringify(selection)).not.toEqual([]);
      else expect(beyond, JSON.stringify(selection)).toEqual([]);
      if (engine !== undefined && problems.length === 0) {
        taken++;
        expect(readRunConfiguration({ selection }).selection).toEqual(engine);
      }
    }),
    { numRuns: 1_500 },
  );
  expect(taken).toBeGreaterThan(40);
});
