import { type Colour, develop, hex, mix, over, paint } from "../canvas.ts";
import { fractal, hypot, lattice, noise, smooth } from "../noise.ts";
import type { Random } from "../random.ts";
import type { Scene } from "../scene.ts";

interface Hour {
  readonly zenith: Colour;
  readonly horizon: Colour;
  readonly sunlight: number;
  /** Share of windows that are lit. */
  readonly lit: number;
  readonly fog: number;
}

const HOURS: readonly Hour[] = [
  { zenith: hex("4d7fc0"), horizon: hex("d5e3ee"), sunlight: 1, lit: 0.03, fog: 0.012 },
  { zenith: hex("1b2347"), horizon: hex("e88a5a"), sunlight: 0.34, lit: 0.42, fog: 0.028 },
  { zenith: hex("04060f"), horizon: hex("2a2438"), sunlight: 0.05, lit: 0.42, fog: 0.04 },
  { zenith: hex("98a2aa"), horizon: hex("c9cdcf"), sunlight: 0.62, lit: 0.16, fog: 0.075 },
];
const WALLS = ["a8795a", "b8a88c", "7d5a4a", "c4b8a8", "6f6a66", "94483a", "8f9aa0", "d2b48c"].map(hex);
const LAMP: Colour = [2.2, 1.5, 0.7];

/** Streets between houses, by day, at dusk, at night in the wet, and in fog. */
export const city: Scene = {
  group: "streets",
  draw(chance, index, width, height) {
    const hour = HOURS[index % HOURS.length]!;
    const look = lookAround(chance, hour);
    const canvas = paint(width, height, (x, y, out) => {
      // Two rays per pixel smooth the edges.
      const u = (x - width / 2) / height;
      const v = (y - height * look.horizon) / height;
      look.ray(u - 0.0007, v - 0.0007, out);
      const [r, g, b] = out as unknown as [number, number, number];
      look.ray(u + 0.0007, v + 0.0007, out);
      out[0] = (out[0]! + r) / 2;
      out[1] = (out[1]! + g) / 2;
      out[2] = (out[2]! + b) / 2;
    });
    const night = hour.sunlight < 0.2;
    return develop(canvas, chance, { exposure: night ? 1.35 : 1.05, vignette: 0.4, grain: night ? 8 : 5, glow: night ? 0.45 : 0.15 });
  },
};

/** A street as a channel between two walls: each ray meets a wall, the ground, or leaves above the roofs. */
function lookAround(chance: Random, hour: Hour) {
  const seed = chance.whole(1e6);
  const vanish = chance(-0.22, 0.22);
  const half = chance(3.2, 4.6);
  const eye = 1.7;
  const wet = hour.sunlight < 0.4;
  const sunny = chance() < 0.5 ? -1 : 1;
  const house = (side: number, z: number) => {
    const number = Math.floor(z / 7 + side * 0.37 + 50);
    return {
      number,
      height: 7 + 11 * lattice(number, side, seed),
      colour: WALLS[Math.floor(lattice(number, side + 3, seed) * WALLS.length)]!,
      floor: 2.7 + 0.7 * lattice(number, side + 7, seed),
      along: z / 7 + side * 0.37 + 50 - number,
    };
  };

  const sky = (u: number, v: number, out: Float32Array) => {
    const up = smooth(0, 0.75, -v);
    out.set(mix(hour.horizon, hour.zenith, up));
    const cloud = smooth(0.48, 0.75, fractal(u * 2.2 / (0.25 - v * 0.6) + 9, 1.6 / (0.25 - v * 0.6), seed + 1, 4));
    over(out, mix(hour.horizon, [1, 1, 1], 0.4 * hour.sunlight), cloud * 0.5 * smooth(0, 0.2, -v));
  };

  const wall = (side: number, z: number, y: number, out: Float32Array) => {
    const { number, height, colour, floor, along } = house(side, z);
    const storey = Math.floor(y / floor);
    const inStorey = y / floor - storey;
    const across = along * 4;
    const column = Math.floor(across);
    const inColumn = across - column;
    const stain = 0.75 + 0.5 * fractal(z * 0.8, y * 0.8, seed + number, 3);
    const facing = side === sunny ? 1 : 0.45;
    const low = smooth(0, 5, y) * 0.35 + 0.65; // streets are darker below
    const light = (0.18 * hour.sunlight + 0.82 * hour.sunlight * facing) * low + 0.02;
    for (let channel = 0; channel < 3; channel++) out[channel] = colour[channel]! * stain * (light + 0.14 * hour.zenith[channel]!);
    const shop = storey === 0;
    const [left, right, bottom, top] = shop ? [0.1, 0.9, 0.12, 0.78] : [0.24, 0.76, 0.24, 0.82];
    const window = inColumn > left && inColumn < right && inStorey > bottom && inStorey < top;
    if (window) {
      const on = lattice(number * 64 + storey * 8 + column, side + 11, seed) < (shop ? hour.lit * 1.7 : hour.lit);
      const bar = Math.abs(inColumn - 0.5) < 0.022 || Math.abs(inStorey - 0.6) < 0.02;
      const glass = mix(hour.zenith, hour.horizon, 0.5 * noise(z * 1.4, y * 1.4, seed + 2));
      for (let channel = 0; channel < 3; channel++) out[channel] = glass[channel]! * 0.45;
      if (on) {
        const curtain = 0.45 + 0.75 * noise(inColumn * 5 + column * 9, inStorey * 2 + storey * 7, seed + 3);
        const tint = lattice(number + storey, column, seed + 4);
        over(out, [1.5 * curtain, (0.85 + 0.35 * tint) * curtain, (0.3 + 0.6 * tint) * curtain], 0.92);
      }
      if (bar) for (let channel = 0; channel < 3; channel++) out[channel]! *= 0.35;
    } else {
      // A sill catches light; below it lies its shadow.
      if (!shop && inColumn > left - 0.05 && inColumn < right + 0.05 && inStorey > bottom - 0.07 && inStorey < bottom) {
        for (let channel = 0; channel < 3; channel++) out[channel]! *= 1.5;
      }
      if (inStorey > 0.97 || y > height - 0.5) for (let channel = 0; channel < 3; channel++) out[channel]! *= 1.25;
      if (along < 0.012 || along > 0.988) for (let channel = 0; channel < 3; channel++) out[channel]! *= 0.45;
    }
  };

  const mirrored = new Float32Array(3);
  const lamps = Array.from({ length: 7 }, (_, i) => ({ side: i % 2 === 0 ? -1 : 1, z: 6 + i * 5.5, y: 4.2 }));
  const addLamps = (u: number, v: number, out: Float32Array, strength: number) => {
    if (hour.sunlight > 0.5) return;
    for (const { side, z, y } of lamps) {
      const du = u - vanish - ((side * (half - 0.7)) / z) * 0.9;
      const dv = v + ((y - eye) / z) * 0.9;
      const far = hypot(du, dv) * z;
      if (far > 2.6) continue;
      const glow = (0.9 * Math.exp(-far * 2.6) + 3 * smooth(0.24, 0.12, far)) * strength * Math.exp(-z * hour.fog * 0.4);
      for (let channel = 0; channel < 3; channel++) out[channel]! += LAMP[channel]! * glow * 0.6;
    }
  };

  /** What a ray upwards or level meets; also what wet ground mirrors. */
  const above = (u: number, v: number, out: Float32Array): number => {
    const du = u - vanish;
    const side = du < 0 ? -1 : 1;
    const z = (half * 0.9) / Math.max(1e-4, Math.abs(du));
    const y = eye - (v * z) / 0.9;
    if (z > 90 || y > house(side, z).height) {
      sky(du, v, out);
      return 90;
    }
    wall(side, z, Math.max(0, y), out);
    over(out, hour.horizon, 1 - Math.exp(-z * hour.fog * 0.55));
    return z;
  };

  const ray = (u: number, v: number, out: Float32Array) => {
    const ground = v > 0 ? (eye * 0.9) / v : Infinity;
    const du = u - vanish;
    const side = (half * 0.9) / Math.max(1e-4, Math.abs(du));
    if (ground >= side) {
      above(u, v, out);
      addLamps(u, v, out, 1);
      return;
    }
    const x = (du * ground) / 0.9;
    const pavement = Math.abs(x) > half - 1.5;
    const stones = pavement
      ? 0.8 + 0.25 * lattice(Math.floor(x * 2), Math.floor(ground * 1.5), seed + 6) - (((x * 2) % 1 + 1) % 1 < 0.05 || (ground * 1.5) % 1 < 0.05 ? 0.3 : 0)
      : 0.7 + 0.5 * fractal(x * 5, ground * 3, seed + 6, 3);
    const kerb = Math.abs(Math.abs(x) - half + 1.5) < 0.07 ? 1.6 : 1;
    const base = pavement ? 0.2 : 0.075;
    const light = hour.sunlight * (x * sunny < half * 0.35 ? 0.4 : 1) + 0.06;
    for (let channel = 0; channel < 3; channel++) out[channel] = base * stones * kerb * (light + 0.5 * hour.zenith[channel]!);
    if (!pavement && Math.abs(x) < 0.09 && ground % 4 < 2.2) over(out, [0.7 * light, 0.7 * light, 0.66 * light], 0.7);
    if (wet) {
      const shake = (fractal(x * 2.2, ground * 1.2, seed + 8, 3) - 0.5) * 0.12;
      above(u + shake * 0.3, -v * 1.05 - Math.abs(shake), mirrored);
      addLamps(u + shake * 0.25, -v - shake, mirrored, 0.9);
      const puddle = smooth(0.35, 0.65, fractal(x * 0.6, ground * 0.35, seed + 9, 3));
      over(out, mirrored as unknown as Colour, 0.22 + 0.5 * puddle);
    }
    over(out, hour.horizon, 1 - Math.exp(-ground * hour.fog * 0.55));
    addLamps(u, v, out, 0.35);
  };
  return { ray, horizon: chance(0.56, 0.66) };
}
