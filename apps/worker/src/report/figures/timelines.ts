import type { VideoFacts } from "../facts.ts";
import { countText, durationText, shown } from "../wording.ts";
import { type Figure, type Mark, type Space, estimatedWidth, fitted } from "./figure.ts";

/** Videos that are drawn. */
export const TIMELINES_MAX = 24;

/** One line per video, a stroke for each selected frame. */
export function timelinesFigure(videos: readonly VideoFacts[], { width, textSize }: Space): Figure {
  const narrow = width < textSize * 45;
  const label = narrow ? textSize * 1.6 : 0;
  const row = textSize * 2.2 + label;
  const left = narrow ? 0 : width * 0.3;
  const noteOf = (video: VideoFacts): string => `${countText(video.selected.length)} of ${countText(video.frames)}, ${durationText(video.seconds)}`;
  const note = Math.max(0, ...videos.map((video) => estimatedWidth(noteOf(video), textSize * 0.92))) + textSize;
  const right = narrow ? width : width - note;
  const marks: Mark[] = [];
  for (const [i, video] of videos.entries()) {
    const top = i * row + label;
    const middle = top + textSize * 0.7;
    marks.push({ kind: "text", x: 0, y: narrow ? top - textSize * 0.4 : middle + textSize * 0.35, text: fitted(shown(video.fileName), textSize, narrow ? width - note : left - textSize), size: textSize, ink: "text" });
    marks.push({ kind: "rect", x: left, y: top, width: right - left, height: textSize * 1.4, ink: "grid", opacity: 0.6 });
    // Frames that fall on the same place are one stroke: ten thousand can't be told apart.
    const places = new Set<number>();
    for (const frame of video.selected) places.add(Math.round(((frame + 0.5) / Math.max(1, video.frames)) * (right - left) * 2) / 2);
    marks.push({ kind: "segments", at: [...places].flatMap((place) => [left + place, top, left + place, top + textSize * 1.4]), ink: "after", thickness: 0.9 });
    marks.push({ kind: "text", x: width, y: narrow ? top - textSize * 0.4 : middle + textSize * 0.35, text: noteOf(video), size: textSize * 0.92, ink: "muted", anchor: "end" });
  }
  return { width, height: Math.max(1, videos.length * row - textSize * 0.8), marks };
}
