import { type Canvas, type Colour, blur, develop, hex, mix, over } from "../canvas.ts";
import { fractal, hypot, smooth } from "../noise.ts";
import type { Random } from "../random.ts";
import type { Scene } from "../scene.ts";
import { type Body, type Light, setStage, trace } from "./bodies.ts";

const SKIN = ["f0c8a8", "c98f68", "8d5a3b", "e3b08a", "5c3a28"];
const HAIR = ["2a1a12", "6b4423", "0f0c0c", "b08848", "7a3018"];
const CLOTHES = ["27405c", "8c2f2b", "d9d2c2", "2f4a38", "1d1d22", "b98a2f"];
/** Lights out of focus behind: warm evening, green garden, blue city. */
const BACKDROPS: readonly (readonly [string, string, readonly string[]])[] = [
  ["2b1a14", "a8612c", ["ffb45a", "ff8a3c", "ffd99a"]],
  ["12281a", "6f9a52", ["c6e08a", "8fc46a", "f4f0b0"]],
  ["0d1526", "3c5a86", ["8fc4ff", "ffd28a", "ff7a8a"]],
  ["7c7f86", "d6d2cc", ["ffffff", "f2e6d6", "dfe8f2"]],
];

/** Half-length figures in front of lights out of focus; some against the light, as silhouettes. */
export const portrait: Scene = {
  group: "portraits",
  draw(chance, index, width, height) {
    const seed = chance.whole(1e6);
    const [dark, bright, spots] = BACKDROPS[index % BACKDROPS.length]!;
    const silhouette = index % 4 === 0;
    const canvas = backdrop(width, height, hex(dark), hex(bright), spots.map(hex), chance, seed);
    const bodies = figure(chance, index, seed);
    const side = index % 2 === 0 ? -1 : 1;
    const length = hypot(0.75, 0.55, 0.62);
    const light: Light = silhouette
      ? { x: side * 0.5, y: 0.35, z: 0.79, colour: mix(hex(bright), [1, 1, 1], 0.5), ambient: [0.035, 0.035, 0.045], hardness: 3 }
      : { x: (side * 0.75) / length, y: 0.55 / length, z: -0.62 / length, colour: [1.25, 1.15, 1.02], ambient: mix(hex(bright), [0.3, 0.3, 0.32], 0.6), hardness: 2.4 };
    const stage = setStage(bodies, light);
    trace(canvas, (x, y, out) => {
      const u = (x - width / 2) / height;
      const v = (height * 0.5 - y) / height;
      const length = hypot(u, v, 1.25);
      const [dx, dy, dz] = [u / length, v / length, 1.25 / length];
      const met = stage.meet(dx, dy, dz);
      if (met >= 0) stage.shade(met, dx, dy, dz, out);
      return met;
    });
    return develop(canvas, chance, { exposure: chance(0.95, 1.15), vignette: 0.35, grain: 5, glow: silhouette ? 0.28 : 0.14 });
  },
};

function backdrop(width: number, height: number, dark: Colour, bright: Colour, spots: readonly Colour[], chance: Random, seed: number): Canvas {
  const data = new Float32Array(width * height * 3);
  const out = new Float32Array(3);
  const [cx, cy] = [chance(0.25, 0.75), chance(0.15, 0.5)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const far = hypot(x / width - cx, (y / height - cy) * 0.8);
      out.set(mix(bright, dark, smooth(0, 0.75, far + 0.3 * (fractal(x / 90, y / 90, seed, 3) - 0.5))));
      data.set(out, (y * width + x) * 3);
    }
  }
  // Lights out of focus are discs, a little brighter at their edge.
  for (let i = 0; i < 34; i++) {
    const radius = chance(9, 34);
    const [px, py] = [chance(0, width), chance(0, height * 0.85)];
    const colour = chance.pick(spots);
    const strength = chance(0.06, 0.42);
    for (let y = Math.max(0, Math.floor(py - radius)); y < Math.min(height, py + radius); y++) {
      for (let x = Math.max(0, Math.floor(px - radius)); x < Math.min(width, px + radius); x++) {
        const far = hypot(x - px, y - py) / radius;
        const at = (y * width + x) * 3;
        out.set(data.subarray(at, at + 3));
        over(out, colour, strength * smooth(1, 0.93, far) * (0.75 + 0.25 * far ** 3));
        data.set(out, at);
      }
    }
  }
  return blur({ width, height, data }, 2);
}

function figure(chance: Random, index: number, seed: number): Body[] {
  const skin = hex(SKIN[index % SKIN.length]!);
  const hair = hex(HAIR[(index * 3 + 1) % HAIR.length]!);
  const cloth = hex(CLOTHES[(index * 5 + 2) % CLOTHES.length]!);
  const x = chance(-0.35, 0.35);
  const turn = chance(-0.16, 0.16);
  const z = 4.1;
  const face = () => skin;
  const strands = (nx: number, ny: number) => mix(hair, [hair[0] * 2.2 + 0.03, hair[1] * 2.2 + 0.03, hair[2] * 2 + 0.02], 0.7 * fractal(nx * 16 + ny * 3, ny * 2.5, seed, 3));
  const weave = (nx: number, ny: number, nz: number) => {
    const folds = fractal(nx * 4 + ny * 2, ny * 3 + nz, seed + 2, 3);
    const striped = index % 3 === 1 && Math.sin(ny * 26) > 0.35 ? 0.55 : 1;
    return [cloth[0] * (0.7 + 0.6 * folds) * striped, cloth[1] * (0.7 + 0.6 * folds) * striped, cloth[2] * (0.7 + 0.6 * folds) * striped] as Colour;
  };
  const matt = { gloss: 0.05, sharpness: 12 };
  const part = (px: number, py: number, pz: number, rx: number, ry: number, rz: number, colour: Body["colour"], finish = matt): Body => ({ x: x + px, y: py, z: z + pz, rx, ry, rz, colour, ...finish });
  /** A small part that sits on the face at (px, py), as seen from its middle, and stands out by `out`. */
  const onFace = (px: number, py: number, out: number, rx: number, ry: number, rz: number, colour: Body["colour"]): Body =>
    part(px, 0.42 + py, -0.48 * Math.sqrt(1 - (px / 0.43) ** 2 - (py / 0.56) ** 2) - out, rx, ry, rz, colour, { gloss: 0.15, sharpness: 22 });
  const eye = () => [0.03, 0.02, 0.02] as Colour;
  const lips = mix(skin, [0.45, 0.1, 0.1], 0.55);
  const long = index % 2 === 1;
  const bodies = [
    part(0, 0.42, 0, 0.43, 0.56, 0.48, face, { gloss: 0.12, sharpness: 18 }),
    onFace(turn, -0.06, 0, 0.055, 0.12, 0.075, face),
    part(-0.42, 0.38, 0.08, 0.07, 0.13, 0.1, face),
    part(0.42, 0.38, 0.08, 0.07, 0.13, 0.1, face),
    onFace(turn - 0.15, 0.08, -0.012, 0.055, 0.024, 0.03, eye),
    onFace(turn + 0.15, 0.08, -0.012, 0.055, 0.024, 0.03, eye),
    onFace(turn - 0.15, 0.17, -0.012, 0.085, 0.017, 0.03, strands),
    onFace(turn + 0.15, 0.17, -0.012, 0.085, 0.017, 0.03, strands),
    onFace(turn * 0.9, -0.29, -0.012, 0.1, 0.026, 0.035, () => lips),
    part(0, -0.15, 0.08, 0.19, 0.42, 0.2, face),
    part(0, 0.7, 0.12, 0.49, 0.4, 0.52, strands, { gloss: 0.18, sharpness: 16 }),
    part(0, -1.3, 0.12, 1.08, 0.88, 0.5, weave),
    part(-0.62, -1.42, 0.1, 0.5, 0.86, 0.46, weave),
    part(0.62, -1.42, 0.1, 0.5, 0.86, 0.46, weave),
  ];
  if (long) {
    bodies.push(part(-0.4, 0.15, 0.22, 0.2, 0.72, 0.3, strands), part(0.4, 0.15, 0.22, 0.2, 0.72, 0.3, strands), part(0, 0.1, 0.4, 0.5, 0.8, 0.3, strands));
  }
  if (index % 5 === 3) {
    // A hat.
    const felt = hex(CLOTHES[(index + 1) % CLOTHES.length]!);
    bodies.push(part(0, 0.86, 0.02, 0.8, 0.07, 0.72, () => felt), part(0, 1.04, 0.06, 0.46, 0.32, 0.46, () => felt));
  }
  return bodies;
}
