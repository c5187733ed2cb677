import type { Pixels } from "@winnow/media";
import type { Random } from "./random.ts";

/** A colour in linear light: red, green, blue; 1 is white, more is brighter than the picture can show. */
export type Colour = readonly [number, number, number];

/** A picture in linear light, three values per pixel, rows from the top. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Calls `shade` for every pixel with its place and lets it fill `out`. */
export function paint(width: number, height: number, shade: (x: number, y: number, out: Float32Array) => void): Canvas {
  const data = new Float32Array(width * height * 3);
  const out = new Float32Array(3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      shade(x, y, out);
      data[at] = out[0]!;
      data[at + 1] = out[1]!;
      data[at + 2] = out[2]!;
    }
  }
  return { width, height, data };
}

const known = new Map<string, Colour>();

/** A colour as it is written for screens ("e8b04a"), in linear light. Remembered: scenes ask for it per pixel. */
export function hex(text: string): Colour {
  let colour = known.get(text);
  if (colour === undefined) {
    colour = [0, 2, 4].map((at) => (parseInt(text.slice(at, at + 2), 16) / 255) ** 2.2) as unknown as Colour;
    known.set(text, colour);
  }
  return colour;
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Puts `colour` over what is in `out`, as opaque as `share` says. */
export function over(out: Float32Array, colour: Colour, share: number): void {
  out[0]! += (colour[0] - out[0]!) * share;
  out[1]! += (colour[1] - out[1]!) * share;
  out[2]! += (colour[2] - out[2]!) * share;
}

/** Averages over a window of (2 radius + 1)² pixels, three times: close to a Gaussian. For what is out of focus. */
export function blur(canvas: Canvas, radius: number): Canvas {
  if (radius < 1) return canvas;
  const { width, height } = canvas;
  let from = canvas.data;
  for (let round = 0; round < 3; round++) {
    const across = new Float32Array(from.length);
    const down = new Float32Array(from.length);
    for (let y = 0; y < height; y++) average(from, across, y * width * 3, 3, width, radius);
    for (let x = 0; x < width; x++) average(across, down, x * 3, width * 3, height, radius);
    from = down;
  }
  return { width, height, data: from };
}

function average(from: Float32Array, to: Float32Array, start: number, step: number, count: number, radius: number): void {
  const last = start + (count - 1) * step;
  const scale = 1 / (2 * radius + 1);
  let r = 0, g = 0, b = 0;
  for (let i = -radius; i <= radius; i++) {
    const at = Math.min(last, Math.max(start, start + i * step));
    r += from[at]!;
    g += from[at + 1]!;
    b += from[at + 2]!;
  }
  for (let i = 0, at = start; i < count; i++, at += step) {
    to[at] = r * scale;
    to[at + 1] = g * scale;
    to[at + 2] = b * scale;
    const enters = Math.min(last, at + (radius + 1) * step);
    const leaves = Math.max(start, at - radius * step);
    r += from[enters]! - from[leaves]!;
    g += from[enters + 1]! - from[leaves + 1]!;
    b += from[enters + 2]! - from[leaves + 2]!;
  }
}

export interface Film {
  /** Light is multiplied by this. */
  readonly exposure?: number;
  /** How much darker the corners are, 0…1. */
  readonly vignette?: number;
  /** Strength of the grain, in shades of 256. */
  readonly grain?: number;
  /** How much bright places shine over their surroundings, 0…1. */
  readonly glow?: number;
}

const CURVE_STEPS = 4096;
/** Light (in steps, up to 4) → shade of the screen, 0…255: up to 0.6 as it is; above, ever flatter towards 1. */
const CURVE = Float32Array.from({ length: 4 * CURVE_STEPS }, (_, i) => {
  const value = i / CURVE_STEPS;
  const bent = value < 0.6 ? value : 0.6 + 0.4 * (1 - Math.exp((0.6 - value) / 0.4));
  return 255 * bent ** (1 / 2.2);
});

/** What lens and film do: glow, softness, vignette, a curve that bends bright light instead of cutting it, grain. */
export function develop(canvas: Canvas, chance: Random, { exposure = 1, vignette = 0.25, grain = 4, glow = 0.12 }: Film = {}): Pixels {
  const { width, height } = canvas;
  const shine = glow > 0 ? blur(canvas, 12).data : canvas.data;
  const soft = soften(canvas).data;
  const out = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = (x / width - 0.5) * 1.6;
      const dy = (y / height - 0.5) * 1.6;
      const light = exposure * (1 - vignette * (dx * dx + dy * dy));
      const speck = (chance() + chance() - 1) * grain * 2;
      for (let channel = 0; channel < 3; channel++, at++) {
        const value = light * (soft[at]! + glow * (shine[at]! - soft[at]! * 0.5));
        const shade = CURVE[Math.min(CURVE.length - 1, Math.max(0, Math.round(value * CURVE_STEPS)))]!;
        // Grain shows most in middle tones.
        out[at] = Math.max(0, Math.min(255, Math.round(shade + speck * (0.35 + 1.3 * (shade / 255) * (1 - shade / 255) * 2))));
      }
    }
  }
  return { width, height, data: out };
}

/** A lens's softness: each pixel shares a little with its neighbours. */
function soften({ width, height, data }: Canvas): Canvas {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) - y;
    const down = Math.min(height - 1, y + 1) - y;
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? -3 : 0;
      const right = x < width - 1 ? 3 : 0;
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * width + x) * 3 + channel;
        const sides = data[at + left]! + data[at + right]! + data[at + up * width * 3]! + data[at + down * width * 3]!;
        out[at] = 0.52 * data[at]! + 0.12 * sides;
      }
    }
  }
  return { width, height, data: out };
}
