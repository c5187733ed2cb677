/** How much of the map some samples reach. */
export interface MapCoverage {
  /** Regions of the map that hold samples of all. */
  readonly regions: number;
  /** Of these, regions that hold at least one of the chosen. */
  readonly reached: number;
  /** Samples of all that lie in a reached region. */
  readonly samplesReached: number;
  readonly samples: number;
}

const side = 32;

/**
 * Lays a grid of 32 × 32 over the map and counts the regions that are reached.
 * @param coordinates x and y of each sample, interleaved; NaN: not on the map
 * @param chosen whether a sample is among the chosen
 */
export function mapCoverage(coordinates: Float32Array, chosen: (ordinal: number) => boolean): MapCoverage {
  const samples = coordinates.length / 2;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < samples; i++) {
    const x = coordinates[2 * i]!;
    const y = coordinates[2 * i + 1]!;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  const all = new Uint32Array(side * side);
  const hit = new Uint8Array(side * side);
  let placed = 0;
  for (let i = 0; i < samples; i++) {
    const x = coordinates[2 * i]!;
    const y = coordinates[2 * i + 1]!;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    placed++;
    const region = cellOf(y, minY, maxY) * side + cellOf(x, minX, maxX);
    all[region]!++;
    if (hit[region] === 0 && chosen(i)) hit[region] = 1;
  }
  let [regions, reached, samplesReached] = [0, 0, 0];
  for (let region = 0; region < side * side; region++) {
    if (all[region] === 0) continue;
    regions++;
    if (hit[region] === 1) {
      reached++;
      samplesReached += all[region]!;
    }
  }
  return { regions, reached, samplesReached, samples: placed };
}

function cellOf(value: number, minimum: number, maximum: number): number {
  return Math.min(side - 1, Math.floor(((value - minimum) / (maximum - minimum || 1)) * side));
}
