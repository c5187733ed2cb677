import type { Chart, Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { POINTS_MAX, scatterFigure } from "../figures/scatter.ts";
import { countText, counted } from "../wording.ts";

/** Scatter plots of the retained among the removed. */
export function mapsSection({ items, itemWord = "items" }: RunFacts): Section | undefined {
  const projections = items.projections.filter(({ coordinates }) => coordinates.length >= 2);
  if (projections.length === 0) return undefined;
  let retained = 0;
  for (const selected of items.selected) retained += selected;
  const removed = items.selected.length - retained;
  const crowded = removed > POINTS_MAX ? " Removed ones are drawn as shaded cells, darker where there are more." : "";
  const sampled = retained > POINTS_MAX ? ` Every ${countText(Math.ceil(retained / POINTS_MAX))}th selected one is drawn.` : "";
  return {
    id: "maps",
    title: "Maps of the collection",
    blocks: [
      { kind: "text", text: `Each point stands for one of ${counted(items.selected.length, itemWord)}; what looks alike lies together. Selected ones are green, removed ones grey.${crowded}${sampled}` },
      {
        kind: "charts",
        charts: projections.map(({ method, coordinates }): Chart => ({
          name: `scatter-${method.toLowerCase()}`,
          title: method,
          caption: method === "PCA" ? "The two directions of largest variance: what lies far apart here is far apart." : "Keeps neighbours together; distances between groups mean little.",
          description: `A scatter plot by ${method} of ${countText(retained)} retained points among ${countText(removed)} removed ones. Coordinates are in report.json.`,
          extent: "half",
          draw: (space) => scatterFigure(coordinates, items.selected, space),
        })),
      },
    ],
  };
}
