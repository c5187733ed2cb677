import sharp, { type Sharp } from "sharp";

/** Something drawn into a scene: where its left upper corner is, and how large it is beside its natural size. */
export interface DrawnThing {
  readonly kind: "car" | "person";
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export const SCENE_WIDTH = 600;
export const SCENE_HEIGHT = 400;

const BACKGROUND = `<defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#9fc3e8"/><stop offset="1" stop-color="#e4edf5"/></linearGradient><linearGradient id="paint" x2="0" y2="1"><stop offset="0" stop-color="#d33"/><stop offset="1" stop-color="#711"/></linearGradient></defs><rect width="600" height="240" fill="url(#sky)"/><rect y="240" width="600" height="160" fill="#6b6b6d"/>`;

const THINGS = {
  car: `<ellipse cx="150" cy="104" rx="150" ry="9" fill="#333"/><path d="M8 78 Q6 52 40 48 L78 20 Q90 10 120 10 L185 10 Q205 10 222 24 L250 46 Q292 50 294 74 L294 88 Q290 94 280 94 L20 94 Q8 94 8 78 Z" fill="url(#paint)"/><path d="M84 46 L100 24 Q104 19 116 19 L146 19 L146 46 Z M154 46 L154 19 L184 19 Q196 19 206 28 L224 46 Z" fill="#223"/><circle cx="70" cy="90" r="25" fill="#111"/><circle cx="70" cy="90" r="14" fill="#bbb"/><circle cx="232" cy="90" r="25" fill="#111"/><circle cx="232" cy="90" r="14" fill="#bbb"/><rect x="282" y="58" width="12" height="12" fill="#ffd"/><rect x="6" y="60" width="10" height="12" fill="#f55"/>`,
  person: `<circle cx="40" cy="20" r="17" fill="#d9a884"/><path d="M24 14 Q40 -8 57 14 Q50 6 40 7 Q30 6 24 14" fill="#321"/><path d="M16 44 Q40 34 64 44 L68 118 L12 118 Z" fill="#284a7a"/><path d="M16 46 L2 112 L10 116 L24 66 Z M64 46 L78 112 L70 116 L56 66 Z" fill="#284a7a"/><circle cx="6" cy="118" r="6" fill="#d9a884"/><circle cx="74" cy="118" r="6" fill="#d9a884"/><path d="M14 116 L18 220 L35 220 L40 136 L45 220 L62 220 L66 116 Z" fill="#222c38"/><path d="M12 218 h26 v10 h-32 Z M42 218 h26 l6 10 h-32 Z" fill="#111"/>`,
};
/** What each covers at scale 1. */
const EXTENT = { car: [6, 10, 288, 105], person: [0, 0, 80, 228] } as const;

/** A picture of a street with cars and persons in it, for tests of what finds them: {@link SCENE_WIDTH} × {@link SCENE_HEIGHT}. */
export function drawScene(things: readonly DrawnThing[]): Sharp {
  const drawn = things.map(({ kind, x, y, scale }) => `<g transform="translate(${x} ${y}) scale(${scale})">${THINGS[kind]}</g>`);
  return sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE_WIDTH}" height="${SCENE_HEIGHT}">${BACKGROUND}${drawn.join("")}</svg>`)).blur(0.7);
}

/** The box of a thing in its scene. */
export function boxOf({ kind, x, y, scale }: DrawnThing): [x: number, y: number, width: number, height: number] {
  const [left, top, width, height] = EXTENT[kind];
  return [x + left * scale, y + top * scale, width * scale, height * scale];
}
