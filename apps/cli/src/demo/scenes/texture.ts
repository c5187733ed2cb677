import { type Colour, develop, hex, mix, paint } from "../canvas.ts";
import { fractal, hypot, lattice, noise, smooth } from "../noise.ts";
import type { Scene } from "../scene.ts";

/** A surface seen from above: its height (in pixels) and its colour at a place. */
interface Surface {
  height(x: number, y: number): number;
  colour(x: number, y: number): Colour;
  readonly gloss: number;
}

type Make = (seed: number, size: number) => Surface;

const sand: Make = (seed, size) => {
  const ripple = (x: number, y: number) => Math.sin((y + 34 * fractal(x / 120, y / 160, seed, 3) * size + x * 0.25) / (5.5 * size));
  return {
    height: (x, y) => 3.4 * size * ripple(x, y) + 9 * fractal(x / 90, y / 90, seed + 1, 2) + 0.7 * lattice(x, y, seed),
    colour: (x, y) => mix(hex("d9b480"), hex("a8794a"), 0.6 * fractal(x / 60, y / 60, seed + 2, 3) + 0.25 * lattice(x, y, seed + 3)),
    gloss: 0,
  };
};

const wood: Make = (seed, size) => {
  const ring = (x: number, y: number) => {
    const plank = Math.floor(x / (95 * size));
    const bend = fractal(x / (40 * size) + plank * 9, y / (240 * size), seed + plank, 4);
    return { plank, value: (bend * 16 + x / (60 * size)) % 1, edge: Math.abs((x / (95 * size)) % 1 - 0.5) > 0.487 };
  };
  return {
    height: (x, y) => {
      const { value, edge } = ring(x, y);
      return (edge ? -4 : 0) + 1.1 * value + 1.3 * fractal(x / 1.8, y / 46, seed + 3, 2);
    },
    colour: (x, y) => {
      const { plank, value, edge } = ring(x, y);
      const tone = mix(hex("a8713c"), hex("5c3416"), 0.75 * value + 0.35 * (fractal(x / 2.2, y / 70, seed + 4, 3) - 0.3));
      return mix(tone, hex(edge ? "1a0e06" : "c89058"), edge ? 0.8 : 0.3 * noise(plank * 3, 1, seed));
    },
    gloss: 0.12,
  };
};

const brick: Make = (seed, size) => {
  const part = (x: number, y: number) => {
    const row = Math.floor(y / (26 * size));
    const along = x / (66 * size) + (row % 2) * 0.5;
    const column = Math.floor(along);
    const rough = 0.012 * (fractal(x / 6, y / 6, seed, 2) - 0.5);
    const edge = Math.min((along - column) * 66, (column + 1 - along) * 66, (y / (26 * size) - row) * 26, (row + 1 - y / (26 * size)) * 26) + rough * 160;
    return { tone: lattice(column, row, seed), edge };
  };
  return {
    height: (x, y) => 5 * smooth(1, 4, part(x, y).edge) + 2.2 * fractal(x / 5, y / 5, seed + 1, 3),
    colour: (x, y) => {
      const { tone, edge } = part(x, y);
      const clay = mix(mix(hex("9a4a32"), hex("6b2f26"), tone), hex("c48a68"), 0.5 * fractal(x / 22, y / 22, seed + 2, 4));
      return mix(hex("b3a898"), clay, smooth(1, 3, edge));
    },
    gloss: 0,
  };
};

const marble: Make = (seed, size) => ({
  height: () => 0,
  colour: (x, y) => {
    const [u, v] = [x / (120 * size), y / (120 * size)];
    const warp = fractal(u * 1.5, v * 1.5, seed, 5);
    const vein = 1 - Math.abs(Math.sin((u + v * 0.6 + warp * 3.2) * 2.4));
    const fine = 1 - Math.abs(2 * fractal(u * 3 + warp, v * 3, seed + 4, 4) - 1);
    return mix(mix(hex("ece8e2"), hex("c9c4c0"), fractal(u * 2, v * 2, seed + 6, 3)), hex("4a4c54"), 0.75 * vein ** 9 + 0.3 * fine ** 14);
  },
  gloss: 0.1,
});

const fabric: Make = (seed, size) => {
  const [a, b] = [hex("31506e"), hex("c9b88f")];
  const step = 3.2 * size;
  return {
    height: (x, y) => {
      const over = (Math.floor(x / step) + Math.floor(y / step)) % 2 === 0;
      const arch = Math.sin(((over ? x : y) / step) * Math.PI) ** 2;
      return 1.6 * arch + 30 * fractal(x / 190, y / 150, seed, 3);
    },
    colour: (x, y) => {
      const over = (Math.floor(x / step) + Math.floor(y / step)) % 2 === 0;
      const band = (place: number) => (Math.floor(place / (step * 14)) % 3 === 0 ? 1 : 0);
      return mix(a, b, 0.85 * (over ? band(x) : band(y)) + 0.12 * lattice(Math.floor(x / step), Math.floor(y / step), seed));
    },
    gloss: 0,
  };
};

const water: Make = (seed, size) => {
  const wave = (x: number, y: number) => {
    const [u, v] = [x / (58 * size), y / (40 * size)];
    const a = fractal(u + 0.7 * fractal(u, v, seed, 2), v, seed + 1, 2);
    const b = noise(u * 2.6 + 4, v * 2.6 + a, seed + 2);
    return (1 - Math.abs(2 * a - 1)) ** 2 * 0.8 + (1 - Math.abs(2 * b - 1)) * 0.2;
  };
  return {
    height: (x, y) => 9 * wave(x, y),
    colour: (x, y) => mix(hex("0d4a5e"), hex("4fb3b0"), smooth(0.4, 1, wave(x, y))),
    gloss: 0.7,
  };
};

const stones: Make = (seed, size) => {
  const cell = (x: number, y: number) => {
    const [u, v] = [x / (44 * size), y / (44 * size)];
    const [cx, cy] = [Math.floor(u), Math.floor(v)];
    let [first, second, which] = [9, 9, 0];
    for (let j = -1; j <= 1; j++) for (let i = -1; i <= 1; i++) {
      const far = hypot(u - cx - i - 0.15 - 0.7 * lattice(cx + i, cy + j, seed), v - cy - j - 0.15 - 0.7 * lattice(cx + i, cy + j, seed + 1));
      if (far < first) [second, first, which] = [first, far, lattice(cx + i, cy + j, seed + 2)];
      else if (far < second) second = far;
    }
    return { gap: second - first, which, first };
  };
  return {
    height: (x, y) => {
      const { gap, first } = cell(x, y);
      return 15 * size * smooth(0, 0.42, gap) * (1 - 0.4 * first) + 1.5 * fractal(x / 5, y / 5, seed + 3, 3);
    },
    colour: (x, y) => {
      const { gap, which } = cell(x, y);
      const tone = mix(mix(hex("8a8680"), hex("c9bfb0"), which), hex("5a4f48"), (which * 7) % 1 * 0.6);
      return mix(hex("1c1814"), mix(tone, hex("ffffff"), 0.2 * (fractal(x / 7, y / 7, seed + 5, 3) - 0.4)), smooth(0.02, 0.16, gap));
    },
    gloss: 0.06,
  };
};

const KINDS = [wood, sand, brick, water, marble, stones, fabric];

/** Surfaces from close by, lit from the side. */
export const texture: Scene = {
  group: "textures",
  draw(chance, index, width, height) {
    const seed = chance.whole(1e6);
    const surface = KINDS[index % KINDS.length]!(seed, chance(0.9, 1.6));
    const turn = chance(-0.5, 0.5);
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const angle = chance(0, 2 * Math.PI);
    const light = { x: Math.cos(angle) * 0.62, y: Math.sin(angle) * 0.62, z: 0.78 };
    const warm: Colour = index % 2 === 0 ? [1.2, 1.1, 0.95] : [1.0, 1.08, 1.2];
    const sheen = hypot(light.x, light.y, light.z + 1);
    const heights = new Float32Array((width + 1) * (height + 1));
    const place = (x: number, y: number) => [cos * x - sin * y + 900, sin * x + cos * y + 900] as const;
    for (let y = 0; y <= height; y++) for (let x = 0; x <= width; x++) heights[y * (width + 1) + x] = surface.height(...place(x, y));
    const falloff = [chance(0.2, 0.8) * width, chance(0.2, 0.8) * height] as const;
    const canvas = paint(width, height, (x, y, out) => {
      const at = y * (width + 1) + x;
      const [dx, dy] = [heights[at + 1]! - heights[at]!, heights[at + width + 1]! - heights[at]!];
      const length = hypot(dx, dy, 1.6);
      const facing = (-dx * light.x - dy * light.y + 1.6 * light.z) / length;
      // Halfway between the light and straight up.
      const shine = surface.gloss * Math.max(0, (-dx * light.x - dy * light.y + 1.6 * (light.z + 1)) / length / sheen) ** 40;
      const pool = 0.72 + 0.45 * Math.exp(-((x - falloff[0]) ** 2 + (y - falloff[1]) ** 2) / (width * width * 0.12));
      const colour = surface.colour(...place(x, y));
      for (let channel = 0; channel < 3; channel++) {
        out[channel] = (colour[channel]! * (0.2 + 1.05 * Math.max(0, facing) * warm[channel]!) + shine) * pool;
      }
    });
    return develop(canvas, chance, { exposure: chance(0.95, 1.1), vignette: 0.3, grain: 4, glow: 0.06 });
  },
};
