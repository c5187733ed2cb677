// Decimal texts to float32, eight digits at a time. The memory begins with the address at which the last call ended; from
// byte 16 on are the powers of ten 10^0 … 10^290 as float64, from byte 2352 on 10^0 … 10^18 as whole numbers; texts and
// numbers lie behind, with 32 bytes to spare.
//
// A float32 here is the decimal rounded to float64, then to float32. What these steps can't be sure of is left to the
// caller: `parse` ends before it.

const POWERS: usize = 16;
const POWER_MAX: i32 = 290;
const WHOLE_POWERS: usize = 2352;
/** Powers of ten up to this one are exact in float64, so one division or multiplication by them rounds once. */
const EXACT_POWER: i32 = 22;
const EXACT_MANTISSA: i64 = 1 << 53;
/** Bound, with room, on the relative error of a rounding in the mantissa, two by the power and one by the result. */
const MARGIN: f64 = 3.552713678800501e-15; // 2 ** -48

const COMMA: u32 = 44;
const PLUS: u32 = 43;
const MINUS: u32 = 45;
const POINT: u32 = 46;

/** How many of eight bytes are digits before the first that isn't; `text` is the bytes minus 48 each (xor, no borrow). */
function digitsIn(text: u64): u32 {
  // A byte above 9 gets its top bit; a carry only reaches bytes behind the first such one.
  const others = ((text + 0x7676767676767676) | text) & 0x8080808080808080;
  // ctz(0) is 64.
  return <u32>ctz(others) >> 3;
}

/** The number that the first `count` (0 … 8) digits make. */
function valueOf(text: u64, count: u32): u64 {
  // Zeros in front instead of what comes behind; in two steps, since a shift by 64 is one by 0.
  const half = 32 - (count << 2);
  let digits = (text << half) << half;
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffff;
  return (digits * 10000 + (digits >> 32)) & 0xffffffff;
}

function wholePower(exponent: u32): i64 {
  return load<i64>(WHOLE_POWERS + (<usize>exponent << 3));
}

/**
 * Reads up to `count` numbers with commas between them, the first at `at`; `end` is where the record ends, at a byte that
 * no number has. Writes them to `into` as float32.
 * @returns how many were read; the address behind the last (a comma, or the end) is put at address 0
 */
export function parse(at: usize, end: usize, count: i32, into: usize): i32 {
  store<u32>(0, <u32>at);
  for (let index = 0; index < count; index++) {
    if (index > 0) {
      if (at >= end || <u32>load<u8>(at) != COMMA) return index;
      at++;
    }
    const sign = <u32>load<u8>(at);
    // No branch: nobody can foresee signs.
    at += <usize>(sign == MINUS) | <usize>(sign == PLUS);
    let mantissa: i64 = 0;
    let found: u32 = 0;
    let exponent: i32 = 0;
    let fraction = false;
    let whole = false;
    // Most numbers have one digit in front of the point and at most 16 behind it. How many is another every time, so
    // both words are always computed: that costs less than a branch foreseen wrongly.
    const first = <u32>load<u8>(at) - 48;
    if (first <= 9 && <u32>load<u8>(at, 1) == POINT) {
      const high = load<u64>(at, 2) ^ 0x3030303030303030;
      const low = load<u64>(at, 10) ^ 0x3030303030303030;
      const highDigits = digitsIn(high);
      const lowDigits = select<u32>(digitsIn(low), 0, highDigits == 8);
      const digits = highDigits + lowDigits;
      mantissa = <i64>first * wholePower(digits) + <i64>valueOf(high, highDigits) * wholePower(lowDigits) + <i64>valueOf(low, lowDigits);
      found = digits + 1;
      exponent = -<i32>digits;
      fraction = true;
      at += digits + 2;
      whole = digits < 16 || <u32>load<u8>(at) - 48 > 9;
    }
    while (!whole) {
      const text = load<u64>(at) ^ 0x3030303030303030;
      const digits = digitsIn(text);
      if (digits > 0) {
        if (mantissa >= wholePower(18 - digits)) return index;
        mantissa = mantissa * wholePower(digits) + <i64>valueOf(text, digits);
        found += digits;
        if (fraction) exponent -= digits;
        at += digits;
        if (digits == 8 && <u32>load<u8>(at) - 48 <= 9) continue;
      }
      if (fraction || <u32>load<u8>(at) != POINT) break;
      fraction = true;
      at++;
    }
    if (found == 0) return index;
    let byte = <u32>load<u8>(at);
    if (byte != COMMA && at != end) {
      if ((byte | 32) != 101) return index;
      at++;
      const power = <u32>load<u8>(at);
      if (power == MINUS || power == PLUS) at++;
      const begin = at;
      let written: i32 = 0;
      for (byte = <u32>load<u8>(at) - 48; byte <= 9 && at - begin < 5; byte = <u32>load<u8>(++at) - 48) written = written * 10 + byte;
      if (at == begin || at - begin > 4 || (<u32>load<u8>(at) != COMMA && at != end)) return index;
      exponent += power == MINUS ? -written : written;
    }
    if (exponent < -POWER_MAX || exponent > POWER_MAX) return index;
    const value = exponent < 0 ? <f64>mantissa / load<f64>(POWERS + (<usize>(-exponent) << 3)) : <f64>mantissa * load<f64>(POWERS + (<usize>exponent << 3));
    const rounded = <f32>value;
    const inexact = i32(mantissa > EXACT_MANTISSA) | i32(exponent < -EXACT_POWER) | i32(exponent > EXACT_POWER);
    // Not exact only matters where the two candidates next to it would round differently.
    const doubtful = i32(<f32>(value * (1 - MARGIN)) != rounded) | i32(<f32>(value * (1 + MARGIN)) != rounded);
    // The difference of what is infinite or NaN with itself is NaN.
    if (inexact & doubtful | i32(rounded - rounded != 0)) return index;
    store<u32>(into + (<usize>index << 2), reinterpret<u32>(rounded) | (<u32>(sign == MINUS) << 31));
    store<u32>(0, <u32>at);
  }
  return count;
}
