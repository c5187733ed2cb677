import { expect, test } from "vitest";
import { agoText, bytesText, countOf, durationText, numberText, shareText } from "./amounts.ts";

test("counts, shares, numbers and bytes are short and don't round to what they are not", () => {
  expect([countOf(1, "sample"), countOf(0, "sample"), countOf(12_345, "sample")]).toEqual(["1 sample", "0 samples", "12,345 samples"]);
  expect([shareText(1, 3), shareText(1, 1000), shareText(1, 1_000_000), shareText(0, 5), shareText(5, 5), shareText(999_999, 1_000_000), shareText(0, 0)]).toEqual(["33 %", "0.1 %", "<0.1 %", "0 %", "100 %", ">99.9 %", "0 %"]);
  expect([numberText(0.123456), numberText(12), numberText(1234.5), numberText(1e-7), numberText(Number.NaN)]).toEqual(["0.123", "12", "1,235", "1.00e-7", "–"]);
  expect([bytesText(1), bytesText(999), bytesText(1200), bytesText(12_345_678)]).toEqual(["1 byte", "999 bytes", "1.2 kB", "12 MB"]);
});

test("times are told in the unit that fits", () => {
  expect([400, 12_000, 200_000, 7_500_000].map(durationText)).toEqual(["0.4 s", "12 s", "3 min 20 s", "2 h 5 min"]);
  const now = 1_000_000_000_000;
  expect([0, 30, 300, 7200, 86_400, 200_000].map((seconds) => agoText(now - seconds * 1000, now))).toEqual(["just now", "30 s ago", "5 min ago", "2 h ago", "1 day ago", "2 days ago"]);
});
