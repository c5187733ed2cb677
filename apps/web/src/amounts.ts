/** Numbers as people read them. */

const counts = new Intl.NumberFormat("en");

/** `12,345`. */
export function countText(count: number): string {
  return counts.format(count);
}

/** `1 sample`, `12,345 samples`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** A share in per cent: `12 %`, `0.4 %`, `<0.1 %`. */
export function shareText(part: number, all: number): string {
  if (all === 0) return "0 %";
  const percent = (100 * part) / all;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  if (percent < 100 && percent > 99.9) return ">99.9 %";
  return `${percent < 10 && !Number.isInteger(percent) ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A number with three significant digits, without exponents as long as it is legible. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return countText(value);
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-3) return value.toExponential(2);
  return size >= 1000 ? countText(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const units = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** `812 bytes`, `1.2 MB` (steps of 1000). */
export function bytesText(bytes: number): string {
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return at === 0 ? countOf(bytes, "byte") : `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

/** How long something took: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How long ago something was: `just now`, `5 min ago`, `3 h ago`, `2 days ago`; older than a month as a date. */
export function agoText(time: number, now = Date.now()): string {
  const seconds = (now - time) / 1000;
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  const days = Math.round(seconds / 86_400);
  return days <= 30 ? `${days} ${days === 1 ? "day" : "days"} ago` : new Date(time).toLocaleDateString();
}

/** Date and time as the reader's country writes them. */
export function timeText(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
