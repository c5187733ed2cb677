import { type Canvas, type Colour, develop, hex, mix, over } from "../canvas.ts";
import { fractal, hypot, lattice, noise, smooth } from "../noise.ts";
import type { Scene } from "../scene.ts";

interface Daytime {
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly cloud: Colour;
  /** Near and far slopes before the haze of the horizon is laid over them. */
  readonly near: Colour;
  readonly far: Colour;
  readonly sun: Colour;
  /** Height of the sun as a share of the sky, 0 at the horizon; below 0: none. */
  readonly sunAt: number;
  readonly sunSize: number;
  readonly haze: number;
  readonly stars?: boolean;
}

const DAYTIMES: readonly Daytime[] = [
  { zenith: hex("3f6fb5"), horizon: hex("c9dced"), cloud: hex("ffffff"), near: hex("2f4a22"), far: hex("5b7a63"), sun: hex("fff6dc"), sunAt: 0.75, sunSize: 0.03, haze: 0.75 },
  { zenith: hex("2c3564"), horizon: hex("f79a4a"), cloud: hex("f0755a"), near: hex("140f16"), far: hex("6b3f52"), sun: [2.6, 1.5, 0.5], sunAt: 0.13, sunSize: 0.05, haze: 0.8 },
  { zenith: hex("7d93b8"), horizon: hex("f7d3c8"), cloud: hex("f6c2bd"), near: hex("33413c"), far: hex("8090a4"), sun: [1.5, 1.15, 0.9], sunAt: 0.24, sunSize: 0.035, haze: 0.95 },
  { zenith: hex("060b1e"), horizon: hex("24375c"), cloud: hex("2b3a58"), near: hex("04060a"), far: hex("18253d"), sun: [0.95, 0.95, 0.85], sunAt: 0.68, sunSize: 0.035, haze: 0.6, stars: true },
  { zenith: hex("8c98a3"), horizon: hex("c3cacf"), cloud: hex("e0e4e6"), near: hex("3a4234"), far: hex("7d8a86"), sun: hex("ffffff"), sunAt: -1, sunSize: 0, haze: 1.1 },
];

/** Mountains in haze, at five times of day, some with a lake in front. */
export const landscape: Scene = {
  group: "landscapes",
  draw(chance, index, width, height) {
    const time = DAYTIMES[index % DAYTIMES.length]!;
    const seed = chance.whole(1e6);
    const lake = index % 2 === 0;
    const horizon = height * chance(0.52, 0.66);
    const sunX = width * chance(0.2, 0.8);
    const sunY = horizon * (1 - time.sunAt);
    const layers = Array.from({ length: 5 }, (_, i) => ridge(width, horizon, i, seed, chance));
    const canvas: Canvas = { width, height, data: new Float32Array(width * height * 3) };
    const shore = lake ? Math.round(height * chance(0.7, 0.78)) : height;
    const cover = chance(0.42, 0.56);
    const snowy = chance() < 0.6;
    const out = new Float32Array(3);
    for (let y = 0; y < shore; y++) {
      for (let x = 0; x < width; x++) {
        sky(x, y);
        for (const [i, tops] of layers.entries()) slope(x, y, i, tops);
        canvas.data.set(out, (y * width + x) * 3);
      }
    }
    if (lake) reflect(canvas, shore, time, seed);
    return develop(canvas, chance, { exposure: chance(0.95, 1.15), grain: time.stars ? 7 : 4, glow: 0.16 });

    function sky(x: number, y: number): void {
      const up = Math.max(0, (horizon - y) / horizon);
      out.set(mix(time.horizon, time.zenith, up ** 0.7));
      const far = hypot(x - sunX, y - sunY) / width;
      if (time.stars) {
        const star = lattice(x, y, seed + 5);
        if (star > 0.9985) over(out, [1, 1, 1], (star - 0.9985) * 600 * up);
      }
      if (time.sunAt > 0) {
        over(out, time.sun, 0.55 * Math.exp(-far * 9) * (time.stars ? 0.3 : 1));
        over(out, time.sun, smooth(time.sunSize, time.sunSize * 0.85, far));
      }
      // Clouds lie on a plane above: towards the horizon they get flat and small.
      const depth = 1 / (up + 0.14);
      const puff = fractal((x / width - 0.5) * depth * 2.2 + 40, depth * 2.6, seed + 9, 5);
      const cloud = smooth(cover, cover + 0.22, puff) * smooth(0.02, 0.2, up);
      const lit = mix(time.cloud, time.sun, 0.45 * Math.exp(-far * 5) * (time.sunAt > 0 ? 1 : 0));
      over(out, mix(lit, time.zenith, 0.35 * smooth(cover + 0.1, cover + 0.4, puff)), cloud * 0.85);
    }

    function slope(x: number, y: number, layer: number, tops: Float32Array): void {
      const inside = smooth(-0.8, 0.8, y - tops[x]!);
      if (inside === 0) return;
      const nearness = layer / (layers.length - 1);
      const below = y - tops[x]!;
      // Light falls on the side that looks to the sun: the slope of the noise tells which.
      const [u, v] = [(x / width) * (9 + 7 * nearness), (y / height) * (14 + 16 * nearness)];
      const rock = fractal(u, v, seed + layer * 31, 4);
      const light = 0.75 + 1.7 * (fractal(u + 0.12 * Math.sign(sunX - x), v - 0.1, seed + layer * 31, 4) - rock);
      let colour = mix(time.far, time.near, nearness ** 0.8);
      colour = mix(colour, mix(colour, [colour[0] * 1.7, colour[1] * 1.5, colour[2]], 0.6), rock);
      if (layer === 0 && snowy) {
        const snow = smooth(0.05, 0.11, (horizon - y) / height - 0.12 + 0.3 * (rock - 0.5));
        colour = mix(colour, mix(time.horizon, [0.95, 0.97, 1], time.stars ? 0.1 : 0.7), snow);
      }
      if (layer === 4) {
        // A meadow: blades in rows that get larger towards the viewer, patches of flowers and dry grass.
        const depth = Math.max(0.05, below / height);
        const blades = noise(x / (1 + 5 * depth), y / (2 + 14 * depth), seed + 50);
        const patch = fractal(x / (260 * depth + 30), y / (60 * depth + 8), seed + 51, 3);
        colour = mix(colour, [colour[0] * 3 + 0.02, colour[1] * 2 + 0.015, colour[2] * 0.8], smooth(0.35, 0.75, patch) * 0.7);
        const strength = 0.55 + 0.9 * blades;
        colour = [colour[0] * strength, colour[1] * strength, colour[2] * strength];
      }
      const shade = Math.max(0.25, light);
      const lit: Colour = [colour[0] * shade, colour[1] * shade, colour[2] * shade];
      // Haze: more the further away, and more in the valleys.
      const haze = Math.min(0.9, 0.85 * time.haze * (1 - nearness) ** 1.3 * (0.62 + 0.5 * smooth(0, height * 0.25, below)));
      over(out, mix(lit, time.horizon, haze), inside);
    }
  },
};

/** Heights of a ridge's top per column: far ones are high and smooth, the nearest has trees on it. */
function ridge(width: number, horizon: number, layer: number, seed: number, chance: () => number): Float32Array {
  const reach = [0.46, 0.36, 0.24, 0.12, 0.0][layer]!;
  const start = chance() * 100;
  return Float32Array.from({ length: width }, (_, x) => {
    const u = (x / width) * (1.7 + layer * 0.9) + start;
    const peak = 1 - Math.abs(2 * fractal(u, layer * 7.3, seed + layer, 5) - 1);
    let top = horizon * (1.04 - reach * peak) + layer * horizon * 0.045;
    if (layer >= 3) {
      const tree = noise(x * 0.21, layer, seed + 77) * noise(x * 0.55, layer, seed + 78);
      top -= tree * (layer === 4 ? 26 : 11) + lattice(x, layer, seed) * (layer === 4 ? 2.4 : 1);
    }
    return top;
  });
}

/** Water mirrors what stands above it, shaken by waves that get wider towards the viewer. */
function reflect({ width, height, data }: Canvas, shore: number, time: Daytime, seed: number): void {
  const out = new Float32Array(3);
  for (let y = shore; y < height; y++) {
    const depth = (y - shore) / (height - shore);
    for (let x = 0; x < width; x++) {
      const wave = fractal(x / (26 + 60 * depth), (y - shore) / (1.6 + 5 * depth), seed + 3, 3) - 0.5;
      const from = Math.max(0, Math.min(shore - 1, Math.round(shore - 1 - (y - shore) * 1.7 + wave * (6 + 38 * depth))));
      const at = (from * width + x) * 3;
      out[0] = data[at]! * 0.8;
      out[1] = data[at + 1]! * 0.84;
      out[2] = data[at + 2]! * 0.88;
      over(out, time.zenith, 0.18 + 0.25 * depth);
      const glint = 1 + wave * 0.5;
      for (let channel = 0; channel < 3; channel++) data[(y * width + x) * 3 + channel] = out[channel]! * glint;
    }
  }
}
