export { BitMask } from "./bitmask/bitmask.ts";
export { nearDuplicates, type NearDuplicateOptions } from "./duplicates/near-duplicates.ts";
export type { Metric } from "./kernels/distance.plain.ts";
export { matrix, type Matrix } from "./matrix/matrix.ts";
export { nearestNeighbours, type NeighbourOptions, type Neighbours } from "./neighbours/nearest.ts";
export { project, type ProjectionMethod, type ProjectionOptions } from "./projection/project.ts";
export type { Selection, SelectionConfiguration, SelectionMethod, SelectionRequest } from "./selection/request.ts";
export { selectSamples } from "./selection/select-samples.ts";
