/** What keys do, where; the list in the preferences. */
export interface KeyHelp {
  readonly where: string;
  readonly press: readonly string[];
  readonly what: string;
}

export const keys: readonly KeyHelp[] = [
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
