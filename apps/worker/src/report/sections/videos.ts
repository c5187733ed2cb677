import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { TIMELINES_MAX, timelinesFigure } from "../figures/timelines.ts";
import { countText, counted, durationText, shown } from "../wording.ts";

/** Where in each video frames were selected. */
export function videosSection({ videos, showVideoTimelines = true }: RunFacts): Section | undefined {
  if (videos.length === 0 || !showVideoTimelines) return undefined;
  const drawn = videos.slice(0, TIMELINES_MAX);
  const rest = videos.length - drawn.length;
  return {
    id: "videos",
    title: "Videos",
    blocks: [
      {
        kind: "charts",
        charts: [
          {
            name: "video-timelines",
            title: "Selected frames in time",
            caption: `Each line is a video from its first to its last frame, each stroke a selected frame.${rest > 0 ? ` ${counted(rest, "further videos")} ${rest === 1 ? "is" : "are"} in report.json.` : ""}`,
            description: `Timelines of ${counted(drawn.length, "videos")} with a stroke for each selected frame.`,
            extent: "full",
            draw: (space) => timelinesFigure(drawn, space),
            table: {
              label: "Selected frames by video",
              columns: [{ label: "Video", weight: 3 }, { label: "Length", align: "end" }, { label: "Frames", align: "end" }, { label: "Selected", align: "end" }],
              rows: drawn.map((video) => [shown(video.fileName), durationText(video.seconds), countText(video.frames), countText(video.selected.length)]),
              ...(rest > 0 ? { rest: `and ${countText(rest)} more` } : {}),
            },
          },
        ],
      },
    ],
  };
}
