import type { RunFacts } from "./facts.ts";
import { logHistogram, summariseDistances } from "./histogram.ts";
import type { CompactReport, FullReport } from "./schema.ts";
import { summaryOf } from "./summary.ts";

const COVERAGE_POINTS_MAX = 100;
const PIECE_CHARACTERS = 1 << 16;

/** `report_v2.json`: see {@link CompactReport}. */
export function compactReport(facts: RunFacts): CompactReport {
  const { selection, videos } = facts;
  return {
    format: "winnow-report",
    formatVersion: 2,
    ...shared(facts),
    selection: { method: selection.method, stopped: selection.stopped, seed: selection.seed, inputHash: selection.inputHash, coverage: curve(selection.coverage) },
    videos: {
      count: videos.length,
      frames: videos.reduce((sum, { frames }) => sum + frames, 0),
      selectedFrames: videos.reduce((sum, { selected }) => sum + selected.length, 0),
    },
  };
}

/** `report.json` (see {@link FullReport}) as text in pieces of about 64 KiB, so that a million items never stand in memory as text. */
export function* fullReportText(facts: RunFacts): Generator<string, void, undefined> {
  let piece = "";
  for (const part of parts(facts)) {
    piece += part;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function* parts(facts: RunFacts): Generator<string, void, undefined> {
  const { selection, items } = facts;
  const head = JSON.stringify({ format: "winnow-report", formatVersion: 1, ...shared(facts) });
  yield `${head.slice(0, -1)},\n"selection":`;
  const { method, stopped, seed, inputHash } = selection;
  yield `${JSON.stringify({ method, stopped, seed, inputHash }).slice(0, -1)},"picks":`;
  yield* list(selection.picks.length, (i): FullReport["selection"]["picks"][number] => {
    const item = selection.picks[i]!;
    return { fileName: items.fileNames[item] ?? "", item, reason: selection.reasons[i] ?? "", coverageRadius: known(selection.coverage[i]), nearestAfter: known(items.nearestAfter[i]) };
  });
  yield '},\n"corrupt":';
  yield* list(facts.corrupt.length, (i) => ({ fileName: facts.corrupt[i]!.fileName, reason: facts.corrupt[i]!.reason }));
  yield ',\n"duplicates":';
  yield* list(facts.duplicates.length, (i) => ({ fileName: facts.duplicates[i]!.fileName, keptFileName: facts.duplicates[i]!.keptFileName }));
  yield ',\n"videos":';
  yield* list(facts.videos.length, (i) => {
    const { fileName, frames, seconds, selected } = facts.videos[i]!;
    return { fileName, frames, seconds: known(seconds), selected };
  });
  yield ',\n"examples":';
  yield* list(facts.examples.length, (i) => ({ removed: facts.examples[i]!.removed, retained: facts.examples[i]!.retained, distance: known(facts.examples[i]!.distance) }));
  yield ',\n"pretagging":';
  yield* list(facts.pretagging.length, (i) => facts.pretagging[i]!.fileName);
  yield ',\n"items":{"fileNames":';
  yield* list(items.fileNames.length, (i) => items.fileNames[i]);
  yield ',"selected":';
  yield* list(items.selected.length, (i) => (items.selected[i] ? 1 : 0));
  yield ',"nearestBefore":';
  yield* list(items.nearestBefore.length, (i) => known(items.nearestBefore[i]));
  yield ',"projections":[';
  for (const [i, { method: projection, coordinates }] of items.projections.entries()) {
    yield `${i === 0 ? "" : ","}{"method":"${projection}","coordinates":`;
    // Coordinates are float32: seven digits say all there is.
    yield* list(coordinates.length, (at) => known(Number(coordinates[at]!.toPrecision(7))));
    yield "}";
  }
  yield "]}}\n";
}

function* list(length: number, entry: (index: number) => unknown): Generator<string, void, undefined> {
  yield "[";
  for (let i = 0; i < length; i++) yield `${i === 0 ? "" : ","}${JSON.stringify(entry(i))}`;
  yield "]";
}

type Shared = Omit<CompactReport, "format" | "formatVersion" | "selection" | "videos">;

function shared(facts: RunFacts): Shared {
  const { run, configuration, counts, items } = facts;
  const histogram = logHistogram([items.nearestBefore, items.nearestAfter]);
  return {
    run: {
      id: run.id,
      datasetId: run.datasetId,
      datasetName: run.datasetName,
      workerName: run.workerName,
      version: run.version,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      seconds: Math.max(0, (run.endedAt - run.startedAt) / 1000),
    },
    summary: summaryOf(facts),
    configuration: { docker: { ...configuration.docker }, lightly: { ...configuration.lightly }, ...(configuration.selection ? { selection: { ...configuration.selection } } : {}) },
    notices: [...facts.notices],
    counts: {
      listed: counts.listed,
      images: counts.images,
      videos: counts.videos,
      frames: counts.frames,
      corrupt: counts.corrupt,
      duplicates: counts.duplicates,
      missingRelevant: counts.missingRelevant,
      refusedSideFiles: counts.refusedSideFiles,
      candidates: counts.candidates,
      preselected: counts.preselected,
      selected: counts.selected,
      removed: Math.max(0, counts.candidates - counts.selected),
      uploaded: counts.uploaded,
    },
    stages: facts.stages.map(({ name, seconds, items: done }) => ({ name, seconds, items: done, itemsPerSecond: seconds > 0 && done > 0 ? done / seconds : null })),
    encoder: facts.encoder ? { name: facts.encoder.name, dimensions: facts.encoder.dimensions } : null,
    distances: {
      metric: "euclidean",
      before: { ...summariseDistances(items.nearestBefore) },
      after: { ...summariseDistances(items.nearestAfter) },
      histogram: { edges: [...histogram.edges], before: [...histogram.counts[0]!], after: [...histogram.counts[1]!] },
      searchBefore: items.distanceSearch ? { ...items.distanceSearch.before } : null,
      searchAfter: items.distanceSearch ? { ...items.distanceSearch.after } : null,
    },
    classes: facts.classes.map(distribution),
    metadata: facts.metadata.map(distribution),
  };
}

function distribution({ name, kind, labels, before, after }: RunFacts["classes"][number]): Shared["classes"][number] {
  return { name, kind, labels: [...labels], before: [...before], after: [...after] };
}

function curve(coverage: Float64Array): CompactReport["selection"]["coverage"] {
  const step = Math.max(1, (coverage.length - 1) / (COVERAGE_POINTS_MAX - 1));
  const points = new Map<number, number>();
  for (let at = 0; at < coverage.length - 1; at += step) points.set(Math.round(at), coverage[Math.round(at)]!);
  if (coverage.length > 0) points.set(coverage.length - 1, coverage.at(-1)!);
  return [...points].filter(([, radius]) => Number.isFinite(radius)).map(([at, radius]) => ({ picks: at + 1, radius }));
}

/** JSON has no NaN. */
function known(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
