import type { Canvas, Colour } from "../canvas.ts";
import { hypot } from "../noise.ts";

/** An ellipsoid with its axes along x (right), y (up), z (away). */
export interface Body {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly rx: number;
  readonly ry: number;
  readonly rz: number;
  /** Colour at a point of the surface, given by its direction from the centre (unit length). */
  readonly colour: (nx: number, ny: number, nz: number) => Colour;
  /** Strength of the highlight and how small it is. */
  readonly gloss: number;
  readonly sharpness: number;
}

export interface Light {
  /** Direction to the light, unit length. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly colour: Colour;
  /** Light from everywhere else. */
  readonly ambient: Colour;
  /** How soft shadows are: larger is harder. */
  readonly hardness: number;
}

/** Bodies in one light, seen from the origin. */
export interface Stage {
  /** The nearest body that a ray from the origin meets, −1 for none; `stage.distance` then says how far away. */
  meet(dx: number, dy: number, dz: number): number;
  distance: number;
  /** Share of the light, 0…1, that reaches a point past the bodies; body `self` does not shade itself. */
  lightAt(px: number, py: number, pz: number, self: number): number;
  /** Share of the surroundings' light, 0…1, that the bodies leave to a point whose surface looks along n. */
  openness(px: number, py: number, pz: number, nx: number, ny: number, nz: number, self: number): number;
  /** Light that body `index` sends to the viewer along the ray that met it. */
  shade(index: number, dx: number, dy: number, dz: number, out: Float32Array): void;
}

/** Numbers per body in the flat table that the loops run over. */
const FIELDS = 10;

export function setStage(bodies: readonly Body[], light: Light): Stage {
  // Per body: centre, 1 / radii, direction to the light where the body is a unit sphere, mean radius.
  const table = new Float64Array(bodies.length * FIELDS);
  for (const [i, { x, y, z, rx, ry, rz }] of bodies.entries()) {
    const length = hypot(light.x / rx, light.y / ry, light.z / rz);
    table.set([x, y, z, 1 / rx, 1 / ry, 1 / rz, light.x / rx / length, light.y / ry / length, light.z / rz / length, (rx + ry + rz) / 3], i * FIELDS);
  }

  const stage: Stage = { distance: Infinity, meet, lightAt, openness, shade };
  return stage;

  function meet(dx: number, dy: number, dz: number): number {
    let index = -1;
    let distance = Infinity;
    for (let i = 0, at = 0; at < table.length; i++, at += FIELDS) {
      const ix = table[at + 3]!, iy = table[at + 4]!, iz = table[at + 5]!;
      const ax = dx * ix, ay = dy * iy, az = dz * iz;
      const ox = table[at]! * ix, oy = table[at + 1]! * iy, oz = table[at + 2]! * iz;
      const a = ax * ax + ay * ay + az * az;
      const b = ax * ox + ay * oy + az * oz;
      const root = b * b - a * (ox * ox + oy * oy + oz * oz - 1);
      if (root < 0) continue;
      const t = (b - Math.sqrt(root)) / a;
      if (t > 0 && t < distance) {
        index = i;
        distance = t;
      }
    }
    stage.distance = distance;
    return index;
  }

  function lightAt(px: number, py: number, pz: number, self: number): number {
    let share = 1;
    for (let i = 0, at = 0; at < table.length; i++, at += FIELDS) {
      if (i === self) continue;
      // Where the body is a unit sphere; see Inigo Quilez, "sphere soft shadow".
      const ox = (px - table[at]!) * table[at + 3]!, oy = (py - table[at + 1]!) * table[at + 4]!, oz = (pz - table[at + 2]!) * table[at + 5]!;
      const b = ox * table[at + 6]! + oy * table[at + 7]! + oz * table[at + 8]!;
      if (b > 0) continue;
      const h = b * b - (ox * ox + oy * oy + oz * oz - 1);
      const past = h < 1 ? Math.sqrt(1 - h) - 1 : -1;
      const t = h > 0 ? -b - Math.sqrt(h) : -b;
      if (t < 0) continue;
      const s = Math.min(1, Math.max(0, (light.hardness * past) / Math.max(t, 0.05)));
      share *= s * s * (3 - 2 * s);
      if (share < 0.01) return 0;
    }
    return share;
  }

  function openness(px: number, py: number, pz: number, nx: number, ny: number, nz: number, self: number): number {
    let open = 1;
    for (let i = 0, at = 0; at < table.length; i++, at += FIELDS) {
      if (i === self) continue;
      const dx = table[at]! - px, dy = table[at + 1]! - py, dz = table[at + 2]! - pz;
      const size2 = table[at + 9]! ** 2 / (dx * dx + dy * dy + dz * dz);
      if (size2 < 0.004) continue;
      const size = Math.sqrt(size2);
      const facing = ((nx * dx + ny * dy + nz * dz) * size) / table[at + 9]!;
      if (facing > -size) open *= 1 - 0.85 * Math.min(1, Math.max(0, ((facing + size) / (1 + size)) * size2));
    }
    return open;
  }

  function shade(index: number, dx: number, dy: number, dz: number, out: Float32Array): void {
    const body = bodies[index]!;
    const px = dx * stage.distance, py = dy * stage.distance, pz = dz * stage.distance;
    const ux = (px - body.x) / body.rx, uy = (py - body.y) / body.ry, uz = (pz - body.z) / body.rz;
    let nx = ux / body.rx, ny = uy / body.ry, nz = uz / body.rz;
    const length = hypot(nx, ny, nz);
    nx /= length;
    ny /= length;
    nz /= length;
    const facing = nx * light.x + ny * light.y + nz * light.z;
    const direct = facing > 0 ? facing * lightAt(px, py, pz, index) : 0;
    const wrapped = Math.max(0, (facing + 0.35) / 1.35) * 0.18; // light that goes through skin and peel
    const around = openness(px, py, pz, nx, ny, nz, index) * (0.6 + 0.4 * ny);
    const colour = body.colour(ux, uy, uz);
    // Halfway between the light and the viewer (Blinn).
    const hx = light.x - dx, hy = light.y - dy, hz = light.z - dz;
    const half = Math.max(0, (nx * hx + ny * hy + nz * hz) / hypot(hx, hy, hz));
    const shine = direct > 0 ? body.gloss * half ** body.sharpness : 0;
    const edge = (1 + nx * dx + ny * dy + nz * dz) ** 3 * 0.25;
    for (let channel = 0; channel < 3; channel++) {
      const given = light.colour[channel]! * (direct + wrapped) + light.ambient[channel]! * around;
      out[channel] = colour[channel]! * given + light.colour[channel]! * shine + light.ambient[channel]! * edge;
    }
  }
}

/**
 * Fills a canvas by rays. `look` gets a place of the picture in pixels, writes its colour into `out`, which holds what
 * was there, and returns what it met. One ray per pixel; at the edges of things, four.
 */
export function trace({ width, height, data }: Canvas, look: (x: number, y: number, out: Float32Array) => number): void {
  const met = new Int16Array(width * height);
  const before = data.slice();
  const out = new Float32Array(3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      out.set(before.subarray(i * 3, i * 3 + 3));
      met[i] = look(x + 0.5, y + 0.5, out);
      data.set(out, i * 3);
    }
  }
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const same = met[i] === met[i - 1] && met[i] === met[i + 1] && met[i] === met[i - width] && met[i] === met[i + width];
      if (same) continue;
      const sum = [0, 0, 0];
      for (let ray = 0; ray < 4; ray++) {
        out.set(before.subarray(i * 3, i * 3 + 3));
        look(x + 0.25 + (ray % 2) * 0.5, y + 0.25 + (ray >> 1) * 0.5, out);
        for (let channel = 0; channel < 3; channel++) sum[channel]! += out[channel]! / 4;
      }
      data.set(sum, i * 3);
    }
  }
}
