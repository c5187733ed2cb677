import { describe, expect, it } from "vitest";
import { counted, countText, dateText, durationText, numberText, rateText, shareText, shortened, shown } from "./wording.ts";

describe("words for numbers", () => {
  it("counts", () => {
    expect([countText(0), countText(1234567)]).toEqual(["0", "1,234,567"]);
    expect([counted(1, "images and frames"), counted(2, "images"), counted(1, "further distributions"), counted(1, "categories")]).toEqual(["1 image and frame", "2 images", "1 further distribution", "1 category"]);
  });

  it("says numbers with four digits and no number as a dash", () => {
    expect([0, 0.123456, 12345.6, 1e-7, NaN, null, undefined, Infinity].map(numberText)).toEqual(["0", "0.1235", "12,350", "1.0e-7", "–", "–", "–", "–"]);
  });

  it("never rounds a part to nothing or to the whole", () => {
    expect([shareText(0, 10), shareText(1, 3), shareText(1, 1e6), shareText(999999, 1e6), shareText(10, 10), shareText(1, 0)]).toEqual(["0 %", "33.3 %", "< 0.1 %", "> 99.9 %", "100 %", "–"]);
  });

  it("says how long something took and how fast it was", () => {
    expect([0, 0.034, 4.23, 59.97, 75, 3599.8, 7300, NaN].map(durationText)).toEqual(["0 s", "34 ms", "4.2 s", "1 min 0 s", "1 min 15 s", "1 h 0 min", "2 h 2 min", "–"]);
    expect([rateText(100, 4), rateText(0, 4), rateText(10, 0)]).toEqual(["25 / s", "–", "–"]);
    expect([dateText(Date.UTC(2026, 0, 5, 9, 7)), dateText(NaN)]).toEqual(["5 January 2026, 09:07 UTC", "–"]);
  });
});

describe("words from outside", () => {
  it("spells out what would hide or turn a text", () => {
    expect(shown("a\nb\tc\u202egpj.exe\u0000\ud800")).toBe("a\\nb\\tc\\u{202e}gpj.exe\\u{0}\ufffd");
    expect(shown("日本語/é 🙂.jpg")).toBe("日本語/é 🙂.jpg");
  });

  it("keeps both ends of what is too long", () => {
    expect(shortened("abcdefghij", 10)).toBe("abcdefghij");
    expect(shortened("abcdefghij", 6)).toBe("ab…hij");
    expect([...shortened("🙂".repeat(50), 9)]).toHaveLength(9);
  });
});
