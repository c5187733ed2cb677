/**
 * Decimal text to float32 and back, without going through strings on the way in. A float32 here is what every reader of
 * such files gets: the decimal rounded to float64, then to float32.
 */

/** Where {@link float32At} goes on; one object is reused for all numbers of a file. */
export interface Cursor {
  at: number;
}

const POWERS = Float64Array.from({ length: 291 }, (_, exponent) => Number(`1e${exponent}`));
/** Powers of ten up to this one are exact in float64, so one multiplication by them rounds once. */
const EXACT_POWER = 22;
const EXACT_MANTISSA = 2 ** 53;
/** Bound, with room, on the relative error of at most two roundings in the mantissa and two by the power. */
const MARGIN = 2 ** -48;

const COMMA = 44;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;

/**
 * The number that begins at `cursor.at`; afterwards `cursor.at` is at the comma behind it, or at `end`. NaN for what
 * isn't a decimal number, infinite for what float32 can't hold. `bytes[end]` must exist and be neither digit, point,
 * sign nor `e`, as it is behind every record: that saves asking for the end at each digit.
 */
export function float32At(cursor: Cursor, bytes: Uint8Array, end: number): number {
  const start = cursor.at;
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative || bytes[at] === PLUS) at++;
  // Up to nine digits fit an int32, which is twice as fast as float64; a second one takes the next nine.
  const digitsStart = at;
  let high = 0;
  let low = 0;
  let point = -1;
  let digit = bytes[at]! - 48;
  let limit = at + 9;
  for (;;) {
    while (digit >= 0 && digit <= 9 && at < limit) {
      high = (Math.imul(high, 10) + digit) | 0;
      digit = bytes[++at]! - 48;
    }
    if (digit !== POINT - 48 || point !== -1) break;
    point = at;
    limit++;
    digit = bytes[++at]! - 48;
  }
  let lowDigits = 0;
  if (digit >= 0 && digit <= 9) {
    limit = at + 9;
    const lowStart = at;
    let lowPoint = 0;
    for (;;) {
      while (digit >= 0 && digit <= 9 && at < limit) {
        low = (Math.imul(low, 10) + digit) | 0;
        digit = bytes[++at]! - 48;
      }
      if (digit !== POINT - 48 || point !== -1) break;
      point = at;
      limit++;
      lowPoint = 1;
      digit = bytes[++at]! - 48;
    }
    lowDigits = at - lowStart - lowPoint;
    if (digit >= 0 && digit <= 9) return slowly(cursor, bytes, start, end);
  }
  if (at - digitsStart - (point === -1 ? 0 : 1) === 0) return slowly(cursor, bytes, start, end);
  let exponent = point === -1 ? 0 : point + 1 - at;
  if (bytes[at] !== COMMA && at !== end) {
    if ((bytes[at]! | 32) !== 101) return slowly(cursor, bytes, start, end);
    at++;
    const sign = bytes[at]!;
    if (sign === MINUS || sign === PLUS) at++;
    const exponentStart = at;
    let written = 0;
    for (digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48) written = written * 10 + digit;
    if (at === exponentStart || at - exponentStart > 4 || (bytes[at] !== COMMA && at !== end)) return slowly(cursor, bytes, start, end);
    exponent += sign === MINUS ? -written : written;
  }
  cursor.at = at;
  // Below 2^53 this is exact; else it rounds twice at most, which the margin covers.
  const mantissa = lowDigits === 0 ? high : high * POWERS[lowDigits]! + low;
  if (mantissa === 0) return negative ? -0 : 0;
  if (exponent < -290 || exponent > 290) return slowly(cursor, bytes, start, end);
  const value = exponent < 0 ? mantissa / POWERS[-exponent]! : mantissa * POWERS[exponent]!;
  const rounded = Math.fround(value);
  if (mantissa > EXACT_MANTISSA || exponent < -EXACT_POWER || exponent > EXACT_POWER) {
    // Not exact, which only matters where the two candidates next to it would round differently.
    if (Math.fround(value * (1 - MARGIN)) !== rounded || Math.fround(value * (1 + MARGIN)) !== rounded) {
      return slowly(cursor, bytes, start, end);
    }
  }
  return negative ? -rounded : rounded;
}

function slowly(cursor: Cursor, bytes: Uint8Array, start: number, end: number): number {
  const comma = bytes.subarray(start, end).indexOf(COMMA);
  const stop = comma === -1 ? end : start + comma;
  cursor.at = stop;
  let text = "";
  for (let at = start; at < stop; at++) text += String.fromCharCode(bytes[at]!);
  return float32FromText(text);
}

/** The same for a text by itself; blanks around it are allowed. */
export function float32FromText(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Math.fround(Number(trimmed)) : Number.NaN;
}

/**
 * The shortest decimal text that reads back as this float32 (`0.1`, not `0.10000000149011612`).
 * @param value a finite float32
 */
export function float32Text(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(value);
  const magnitude = Math.floor(Math.log10(size));
  if (magnitude >= -5 && magnitude < 9) {
    // Scaled to an integer of 6 to 9 digits; divided back, that is what a reader computes.
    for (let digits = 6; digits <= 9; digits++) {
      const places = digits - 1 - magnitude;
      if (places < 0) continue;
      const scaled = Math.round(size * POWERS[places]!);
      if (Math.fround(scaled / POWERS[places]!) === size) return (value < 0 ? "-" : "") + withPoint(scaled, places);
    }
  }
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

function withPoint(scaled: number, places: number): string {
  while (places > 0 && scaled % 10 === 0) {
    scaled /= 10;
    places--;
  }
  const digits = String(scaled);
  if (places === 0) return digits;
  return digits.length > places
    ? `${digits.slice(0, -places)}.${digits.slice(-places)}`
    : `0.${"0".repeat(places - digits.length)}${digits}`;
}
