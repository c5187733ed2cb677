/**
 * The categories of the task `lightly_pretagging`, in the order of their ids: the seven that users of it know, and one for
 * vehicles of a kind that the model can't name.
 */
export const STREET_CATEGORIES = Object.freeze(["bicycle", "bus", "car", "motorcycle", "person", "train", "truck", "vehicle"] as const);

/** What the model calls them. `Vehicle` stands above `Car` and `Bicycle` in its training data: a car is marked as both. */
const SOURCES = { bicycle: "Bicycle", car: "Car", person: "Person", vehicle: "Vehicle" } as const;

type Known = keyof typeof SOURCES;
const NAMES = Object.keys(SOURCES) as Known[];

/** Those that can be told: buses, motorcycles, trains and trucks are not among the model's classes. */
export const KNOWN_STREET_CATEGORIES: readonly string[] = Object.freeze(NAMES);

export interface StreetVerdict {
  readonly category: number;
  readonly score: number;
  readonly probabilities: readonly number[];
  /** Persons stand and sit on vehicles: they don't compete with them for a place. */
  readonly group: number;
}

/** Where the model's classes stand among its outputs. @throws Error when one is missing. */
export function streetColumns(classes: readonly string[]): Readonly<Record<Known, number>> {
  return Object.fromEntries(
    NAMES.map((name) => {
      const column = classes.indexOf(SOURCES[name]);
      if (column < 0) throw new Error(`the model has no class ${SOURCES[name]}`);
      return [name, column];
    }),
  ) as Record<Known, number>;
}

/**
 * Turns the model's scores of a place (0…1 each, not exclusive) into a category. A vehicle counts as one of unknown kind by
 * what its score is above that of car and bicycle.
 */
export function streetVerdict(score: (column: number) => number, columns: Readonly<Record<Known, number>>): StreetVerdict {
  const raw = Object.fromEntries(NAMES.map((name) => [name, score(columns[name])])) as Record<Known, number>;
  const shares = { ...raw, vehicle: Math.max(0, raw.vehicle - Math.max(raw.car, raw.bicycle)) };
  let best: Known = "bicycle";
  for (const name of NAMES) if (shares[name] > shares[best]) best = name;
  const sum = NAMES.reduce((total, name) => total + shares[name], 0);
  return {
    category: STREET_CATEGORIES.indexOf(best),
    score: raw[best],
    probabilities: STREET_CATEGORIES.map((name) => (sum > 0 && name in shares ? shares[name as Known] / sum : 0)),
    group: best === "person" ? 1 : 0,
  };
}
