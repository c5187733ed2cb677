import type { Picture, PicturePair } from "../document.ts";
import { PAPER } from "../svg.ts";
import { PAGE, type Sheet, TEXT_WIDTH } from "./sheet.ts";

const GAP = 14;
const HEIGHT = 96;
const NAME = { size: 7.2, colour: PAPER.muted };

/** Two pairs beside each other. */
export function drawPairs(sheet: Sheet, pairs: readonly PicturePair[]): void {
  const width = (TEXT_WIDTH - GAP) / 2;
  const half = (width - 6) / 2;
  for (let i = 0; i < pairs.length; i += 2) {
    sheet.room(HEIGHT + 40);
    for (const [j, pair] of pairs.slice(i, i + 2).entries()) {
      const x = PAGE.margin + j * (width + GAP);
      picture(sheet, pair.removed, x, half, PAPER.before, "removed");
      picture(sheet, pair.retained, x + half + 6, half, PAPER.after, "kept");
      sheet.element("P", () => sheet.mark(() => sheet.type.line(pair.text, x, sheet.y + HEIGHT + 29, { size: 7.2, colour: PAPER.text, weight: "bold" })));
    }
    sheet.y += HEIGHT + 42;
  }
  sheet.y += 4;
}

/** Three pictures beside each other. */
export function drawPictures(sheet: Sheet, pictures: readonly Picture[]): void {
  const width = (TEXT_WIDTH - 2 * GAP) / 3;
  for (let i = 0; i < pictures.length; i += 3) {
    sheet.room(HEIGHT + 30);
    for (const [j, one] of pictures.slice(i, i + 3).entries()) picture(sheet, one, PAGE.margin + j * (width + GAP), width, PAPER.grid, "");
    sheet.y += HEIGHT + 28;
  }
  sheet.y += 4;
}

function picture(sheet: Sheet, { name, jpeg }: Picture, x: number, width: number, colour: string, word: string): void {
  sheet.element("Figure", () => sheet.mark(() => drawPicture(sheet, { name, jpeg }, x, width, colour, word)), { alt: word === "" ? name : `${word}: ${name}` });
}

function drawPicture({ doc, type, y }: Sheet, { name, jpeg }: Picture, x: number, width: number, colour: string, word: string): void {
  doc.save().rect(x, y, width, HEIGHT).fill("#f4f6f5").restore();
  try {
    doc.image(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength), x + 1, y + 1, { fit: [width - 2, HEIGHT - 2], align: "center", valign: "center" });
  } catch {
    // A picture that isn't one must not cost the report.
    type.line("no picture", x + width / 2, y + HEIGHT / 2, NAME, "middle");
  }
  doc.save().rect(x, y, width, HEIGHT).lineWidth(word === "" ? 0.6 : 1.2).stroke(colour).restore();
  const above = word === "" ? 0 : 9;
  if (word !== "") type.line(word, x, y + HEIGHT + 9.5, { ...NAME, colour: PAPER.text });
  type.line(type.fitted(name, NAME, width), x, y + HEIGHT + 10 + above, NAME);
}
