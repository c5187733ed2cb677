/** What keys do, where; the list in the preferences. */
export interface KeyHelp {
  readonly where: string;
  readonly press: readonly string[];
  readonly what: string;
}

export const keys: readonly KeyHelp[] = [
  { where: "Explore: grid", press: ["↑", "↓", "←", "→"], what: "Go from sample to sample; with Shift the way is chosen" },
  { where: "Explore: grid", press: ["Blank"], what: "Choose the sample, or let go of it" },
  { where: "Explore: grid", press: ["Enter"], what: "Open the sample" },
  { where: "Explore: grid", press: ["Ctrl", "A"], what: "Choose all that is shown" },
  { where: "Explore: grid", press: ["+", "-"], what: "Larger and smaller pictures" },
  { where: "Explore: map", press: ["↑", "↓", "←", "→"], what: "Move the map" },
  { where: "Explore: map", press: ["+", "-", "0"], what: "Nearer, farther, everything" },
  { where: "Explore: map", press: ["A"], what: "Choose all that is seen" },
  { where: "Explore", press: ["Esc"], what: "Choose nothing" },
  { where: "Sample", press: ["←", "→"], what: "The one before, the next (also K and J)" },
  { where: "Sample", press: ["X"], what: "Choose it, or let go of it" },
  { where: "Sample: video", press: [",", "."], what: "The frame before, the next" },
  { where: "Tags", press: ["↑", "↓"], what: "Go from tag to tag" },
  { where: "Tags", press: ["→", "←"], what: "Unfold and fold, or go to the parent" },
  { where: "Tags", press: ["Enter"], what: "Choose the tag" },
  { where: "Select: pictures", press: ["↑", "↓", "←", "→"], what: "Go from pick to pick" },
  { where: "Select: pictures", press: ["Home", "End"], what: "First and last pick" },
  { where: "Select: slider", press: ["←", "→"], what: "One pick less or more" },
  { where: "Select: slider", press: ["Home", "End"], what: "One pick, all picks" },
  { where: "Editors", press: ["Tab"], what: "Leave the editor; it never catches the key" },
  { where: "Dialogs", press: ["Esc"], what: "Close without doing anything" },
];
