/** Reports of runs, and the folder that a run leaves behind. */
export { composeReport } from "./compose.ts";
export { type DistanceOptions, type NearestDistances, nearestDistances, nearestDistancesAmong } from "./distances.ts";
export type * from "./facts.ts";
export { compactReport, fullReportText } from "./json.ts";
export type { DumpedImage } from "./output/dump.ts";
export { type ImageBoxes, type OutputRequest, type SequenceInformation, type WrittenOutput, writeOutput } from "./output/output.ts";
export { reportPage } from "./page/page.ts";
export { reportPdf } from "./pdf/pdf.ts";
export { CompactReport, FullReport } from "./schema.ts";
