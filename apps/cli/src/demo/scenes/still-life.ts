import { type Canvas, type Colour, develop, hex, mix } from "../canvas.ts";
import { fractal, hypot, noise, smooth } from "../noise.ts";
import type { Random } from "../random.ts";
import type { Scene } from "../scene.ts";
import { type Body, type Light, setStage, trace } from "./bodies.ts";

const TABLE = -0.85;
const WALL = 9;

type Fruit = (chance: Random, x: number, z: number, seed: number) => Body[];

const round = (x: number, z: number, size: number, high = 1): Pick<Body, "x" | "y" | "z" | "rx" | "ry" | "rz"> => ({
  x, z, y: TABLE + size * high, rx: size, ry: size * high, rz: size,
});

const apple = (base: string, blush: string): Fruit => (chance, x, z, seed) => {
  const size = chance(0.42, 0.52);
  const [a, b] = [hex(base), hex(blush)];
  const skin = (nx: number, ny: number, nz: number) => {
    const streaks = fractal(Math.atan2(nz, nx) * 7, ny * 1.6, seed, 3);
    const flecks = noise(nx * 26, ny * 26 + nz * 19, seed + 4) > 0.86 ? 0.35 : 0;
    return mix(mix(a, b, smooth(0.35, 0.65, streaks + ny * 0.22)), hex("f2e2b0"), flecks * 0.5 + 0.5 * smooth(0.86, 1, ny));
  };
  const stem = { x: x + 0.02, y: TABLE + size * 1.82, z, rx: 0.022, ry: 0.1, rz: 0.022, colour: () => hex("4a3018"), gloss: 0, sharpness: 8 };
  return [{ ...round(x, z, size, 0.9), colour: skin, gloss: 0.5, sharpness: 60 }, stem];
};

const orange: Fruit = (chance, x, z, seed) => {
  const peel = hex("e8780c");
  return [{
    ...round(x, z, chance(0.44, 0.53), 0.97),
    colour: (nx, ny, nz) => {
      const pores = noise(Math.atan2(nz, nx) * 22, ny * 26, seed);
      return mix(peel, hex("a84a04"), 0.5 * smooth(0.6, 0.95, pores) + 0.15 * fractal(nx * 2, ny * 2 + nz, seed, 2));
    },
    gloss: 0.22, sharpness: 24,
  }];
};

const lemon: Fruit = (chance, x, z, seed) => {
  const size = chance(0.32, 0.37);
  return [{
    ...round(x, z, size), rx: size * chance(1.3, 1.5),
    colour: (nx, ny, nz) => mix(hex("f4d21c"), hex("b9a010"), 0.5 * fractal(nx * 9, ny * 9 + nz * 5, seed, 3) + 0.3 * smooth(0.85, 1, Math.abs(nx))),
    gloss: 0.25, sharpness: 28,
  }];
};

const grapes = (colour: string): Fruit => (chance, x, z, seed) => {
  const skin = hex(colour);
  return Array.from({ length: 13 }, (_, i) => {
    const size = chance(0.15, 0.19);
    const level = i < 8 ? 0 : i < 12 ? 1 : 2;
    const spread = 0.42 - level * 0.16;
    const turn = i * 2.4 + chance(0, 0.5);
    return {
      ...round(x + Math.cos(turn) * spread, z + Math.sin(turn) * spread * 0.8, size),
      y: TABLE + size + level * 0.25,
      colour: (nx: number, ny: number, nz: number) => mix(skin, [skin[0] + 0.1, skin[1] + 0.1, skin[2] + 0.15], 0.7 * fractal(nx * 3 + i, ny * 3 + nz, seed, 3)),
      gloss: 0.45, sharpness: 70,
    };
  });
};

const FRUIT: readonly Fruit[] = [apple("c4b01c", "b01410"), orange, lemon, grapes("3a1238"), apple("6f9a1a", "b5bd38"), grapes("8aa03a"), apple("8c0d12", "d8483a")];

interface Setting {
  readonly wall: Colour;
  readonly table: Colour;
  readonly cloth: boolean;
  readonly light: Light;
}

/** Fruit on a table by a window. */
export const stillLife: Scene = {
  group: "still-life",
  draw(chance, index, width, height) {
    const seed = chance.whole(1e6);
    const setting = chooseSetting(chance, index);
    const { light } = setting;
    const bodies = arrange(chance, index, seed);
    const canvas: Canvas = { width, height, data: new Float32Array(width * height * 3) };
    const zoom = chance(1.02, 1.2);
    const stage = setStage(bodies, light);
    trace(canvas, (x, y, out) => {
      const u = (x - width / 2) / height;
      const v = (height * 0.42 - y) / height - 0.1;
      const length = hypot(u, v, zoom);
      const [dx, dy, dz] = [u / length, v / length, zoom / length];
      const met = stage.meet(dx, dy, dz);
      if (met >= 0) {
        stage.shade(met, dx, dy, dz, out);
        return met;
      }
      const toTable = dy < 0 ? TABLE / dy : Infinity;
      if (toTable * dz < WALL) table(dx * toTable, dz * toTable, out);
      else wall(dx / dz, dy / dz, out);
      return toTable * dz < WALL ? -1 : -2;
    });
    return develop(canvas, chance, { exposure: chance(0.95, 1.2), vignette: 0.4, grain: 5, glow: 0.08 });

    function table(x: number, z: number, out: Float32Array): void {
      const lit = stage.lightAt(x, TABLE, z, -1) * light.y;
      const around = stage.openness(x, TABLE, z, 0, 1, 0, -1);
      let grain: number;
      if (setting.cloth) grain = 0.82 + 0.1 * Math.sin(x * 95) * Math.sin(z * 95) + 0.2 * (fractal(x * 1.3, z * 1.3, seed + 2, 3) - 0.5);
      else {
        const plank = Math.floor(z * 1.1);
        const along = fractal(x * 0.9 + plank * 17, z * 11, seed + 2, 4);
        grain = (0.6 + 0.75 * along) * (0.9 + 0.2 * noise(plank, 0, seed)) * (0.45 + 0.55 * smooth(0, 0.03, Math.abs(z * 1.1 - plank - 0.5) < 0.485 ? 0.03 : 0));
      }
      const fade = smooth(WALL, WALL * 0.45, z);
      for (let channel = 0; channel < 3; channel++) {
        const given = light.colour[channel]! * lit + light.ambient[channel]! * around * 0.9;
        out[channel] = setting.table[channel]! * grain * given * (0.55 + 0.45 * fade);
      }
    }

    function wall(x: number, y: number, out: Float32Array): void {
      // A pool of light from the window, far enough away to be out of focus.
      const pool = Math.exp(-((x + light.x * 0.5) ** 2 * 2.4 + (y - 0.25) ** 2 * 3));
      const plaster = 0.93 + 0.14 * fractal(x * 3, y * 3, seed + 8, 3);
      for (let channel = 0; channel < 3; channel++) {
        out[channel] = setting.wall[channel]! * plaster * (light.ambient[channel]! * 0.9 + light.colour[channel]! * 0.5 * pool);
      }
    }
  },
};

function chooseSetting(chance: Random, index: number): Setting {
  const side = index % 2 === 0 ? -1 : 1;
  const raw = [side * chance(0.55, 0.8), chance(0.55, 0.8), chance(-0.55, -0.25)] as const;
  const length = hypot(...raw);
  const warm = index % 3 !== 1;
  return {
    wall: hex(["3d4a52", "5a4638", "6d7466", "2a2f38", "7a6a5c"][index % 5]!),
    table: hex(["7a4a26", "d8d2c4", "8c5a30", "b9b2a8", "4f3220"][index % 5]!),
    cloth: index % 5 === 1 || index % 5 === 3,
    light: {
      x: raw[0] / length, y: raw[1] / length, z: raw[2] / length,
      colour: warm ? [1.55, 1.35, 1.05] : [1.2, 1.3, 1.45],
      ambient: warm ? [0.2, 0.22, 0.28] : [0.24, 0.23, 0.22],
      hardness: 3.2,
    },
  };
}

/** Three to five kinds, none inside another. */
function arrange(chance: Random, index: number, seed: number): Body[] {
  const bodies: Body[] = [];
  const places: [number, number][] = [];
  const wanted = 3 + (index % 3);
  for (let tries = 0; places.length < wanted && tries < 200; tries++) {
    const place: [number, number] = [chance(-1.35, 1.35), chance(2.7, 4.2)];
    if (places.some(([x, z]) => hypot(x - place[0], z - place[1]) < 1.02)) continue;
    places.push(place);
    const fruit = FRUIT[(index + places.length * 3) % FRUIT.length]!;
    bodies.push(...fruit(chance, place[0], place[1], seed + places.length));
  }
  return bodies;
}
