import type { SelectionDraft } from "@winnow/contract";

/** The picks of a draft, in order. */
export interface Picks {
  readonly ordinals: Uint32Array;
  /** By name: `distance`, `score`, `radius`, `share.0` …; NaN where there is no value. */
  readonly columns: ReadonlyMap<string, Float32Array>;
}

/** Reads the bytes of a draft's picks. @throws RangeError when they are not as many as the draft says */
export function decodePicks({ picks, columns }: Pick<SelectionDraft, "picks" | "columns">, buffer: ArrayBuffer): Picks {
  if (buffer.byteLength !== 4 * picks * (1 + columns.length)) throw new RangeError(`the picks of a draft must have ${4 * picks * (1 + columns.length)} bytes, got ${buffer.byteLength}`);
  return { ordinals: new Uint32Array(buffer, 0, picks), columns: new Map(columns.map((name, i) => [name, new Float32Array(buffer, 4 * picks * (i + 1), picks)])) };
}

/** Place of each sample among the picks; −1 (as 2³² − 1) for those that are not picked. */
export function placesOf({ ordinals }: Picks, samples: number): Uint32Array {
  const places = new Uint32Array(samples).fill(0xffffffff);
  ordinals.forEach((ordinal, place) => {
    if (ordinal < samples) places[ordinal] = place;
  });
  return places;
}

/** Why a pick was made, a sentence each. @param strategies what each strategy was about, in order */
export function reasonsOf(picks: Picks, place: number, number: (value: number) => string, strategies: readonly string[] = []): string[] {
  const value = (name: string) => picks.columns.get(name)?.[place] ?? Number.NaN;
  const reasons: string[] = [];
  const [distance, radius, score] = [value("distance"), value("radius"), value("score")];
  if (Number.isFinite(distance)) reasons.push(`${number(distance)} away from the nearest chosen before it.`);
  else if (picks.columns.has("distance") && place === 0) reasons.push("The first: nothing was chosen before it.");
  if (Number.isFinite(score)) reasons.push(`Its score is ${number(score)}.`);
  strategies.forEach((strategy, i) => {
    const share = value(`share.${i}`);
    if (Number.isFinite(share) && share !== 0) reasons.push(`${strategy} contributed ${number(share)}.`);
  });
  if (Number.isFinite(radius)) reasons.push(`After it, no sample is farther than ${number(radius)} from a chosen one.`);
  return reasons.length > 0 ? reasons : ["Picked by chance."];
}

/**
 * Points of a curve over the picks, at most so many, the first and last among them.
 * @returns place (from 1) and value; values that aren't there are left out
 */
export function curvePoints(values: Float32Array, pointsMax: number): [place: number, value: number][] {
  const step = Math.max(1, (values.length - 1) / Math.max(1, pointsMax - 1));
  const points: [number, number][] = [];
  for (let at = 0; at <= values.length - 1 + 1e-9; at += step) {
    const place = Math.round(at);
    if (Number.isFinite(values[place]!)) points.push([place + 1, values[place]!]);
    if (values.length === 1) break;
  }
  return points;
}
