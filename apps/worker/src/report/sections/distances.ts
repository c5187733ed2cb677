import type { Block, Section } from "../document.ts";
import type { DistanceSearch, RunFacts } from "../facts.ts";
import { distancesFigure } from "../figures/distances.ts";
import { logHistogram, summariseDistances } from "../histogram.ts";
import { countText, numberText, shareText } from "../wording.ts";

/** How near each item lies to its nearest neighbour, before the selection and in it. */
export function distancesSection({ items, counts }: RunFacts): Section | undefined {
  const before = summariseDistances(items.nearestBefore);
  const after = summariseDistances(items.nearestAfter);
  if (before.known === 0 && after.known === 0) return undefined;
  const histogram = logHistogram([items.nearestBefore, items.nearestAfter]);
  const names: [string, string] = ["Before: all candidates", counts.preselected > 0 ? "After: the selected and what the dataset had" : "After: the selected"];
  const rows = [
    ["Distances known", countText(before.known), countText(after.known)],
    ["Smallest", numberText(before.least), numberText(after.least)],
    ["Median", numberText(before.median), numberText(after.median)],
    ["Mean", numberText(before.mean), numberText(after.mean)],
    ["Largest", numberText(before.most), numberText(after.most)],
    ["Zero (equal vectors)", countText(before.zeros), countText(after.zeros)],
  ];
  const bins = histogram.edges.slice(0, -1).map((edge, bin) => [`${numberText(edge)} – ${numberText(histogram.edges[bin + 1])}`, countText(histogram.counts[0]![bin]!), countText(histogram.counts[1]![bin]!)]);
  if (histogram.zeros.some((zeros) => zeros > 0)) bins.unshift(["0", countText(histogram.zeros[0]!), countText(histogram.zeros[1]!)]);
  const blocks: Block[] = [];
  const remarks = [remark("before", items.distanceSearch?.before), remark("after", items.distanceSearch?.after)].filter((text) => text !== "");
  if (remarks.length > 0) blocks.push({ kind: "text", text: remarks.join(" ") });
  blocks.push(
    {
      kind: "charts",
      charts: [
        {
          name: "nearest-neighbour-distances",
          title: "Distance to the nearest neighbour",
          caption: "Small distances mean look-alikes. A good selection for diversity moves the histogram to the right and empties its left end.",
          description: `Two histograms. Before, half of the distances are below ${numberText(before.median)}; after, half are below ${numberText(after.median)}.`,
          extent: "full",
          draw: (space) => distancesFigure(histogram, [before.median, after.median], names, space),
          table: { label: "Distances to the nearest neighbour, counts by bin", columns: [{ label: "Distance" }, { label: "Before", align: "end" }, { label: "After", align: "end" }], rows: bins },
        },
      ],
    },
    { kind: "table", table: { label: "Distances to the nearest neighbour", columns: [{ label: "Distance", weight: 2 }, { label: "Before", align: "end" }, { label: "After", align: "end" }], rows } },
  );
  return { id: "distances", title: "Distances between neighbours", blocks };
}

function remark(when: string, search: DistanceSearch | undefined): string {
  if (!search) return "";
  const part = search.compared < search.total ? `The distances ${when} are among a random ${countText(search.compared)} of ${countText(search.total)} vectors (${shareText(search.compared, search.total)}), so they are larger than among all.` : "";
  const approximate = search.exact ? "" : `The distances ${when} come from an approximate search: a few are larger than the true ones.`;
  return [part, approximate].filter((text) => text !== "").join(" ");
}
