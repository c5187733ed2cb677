/** Draws the map away from the page's own thread, and answers what is where. */
import { drawDiscs, placesInView, representatives } from "./discs.ts";
import { enclosed } from "./lasso.ts";
import { type PointIndex, indexPoints, nearestPlace } from "./point-index.ts";
import type { FromThread, ToThread } from "./protocol.ts";
import { type PointLook, Scratch, drawPoints, ghost, hidden } from "./raster.ts";

type View = Extract<ToThread, { kind: "view" }>;

const discsMax = 12_000;
/** In so sparse a view pictures can be told apart. */
const picturesAmong = 4000;
const pictureSide = 60;

let index: PointIndex | undefined;
let codes: Uint8Array | undefined;
let look: PointLook | undefined;
let palette: Uint32Array = new Uint32Array(256);
let wanted: View | undefined;
let scheduled = false;
const scratch = new Scratch();
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d")!;
let image = new ImageData(1, 1);

const say = (message: FromThread, transfer: Transferable[] = []) => (globalThis as unknown as { postMessage(message: FromThread, transfer: Transferable[]): void }).postMessage(message, transfer);

globalThis.addEventListener("message", ({ data }: MessageEvent<ToThread>) => {
  switch (data.kind) {
    case "points":
      index = indexPoints(data.coordinates);
      say({ kind: "ready", bounds: index.bounds, placed: index.ordinals.length });
      dress();
      break;
    case "look":
      codes = data.codes;
      palette = data.palette;
      dress();
      break;
    case "view":
      wanted = data;
      schedule();
      break;
    case "nearest": {
      const place = index && look ? nearestPlace(index, data.x, data.y, data.reach, (ordinal) => codes![ordinal]! < ghost) : -1;
      say({ kind: "nearest", id: data.id, ordinal: place < 0 ? -1 : index!.ordinals[place]! });
      break;
    }
    case "enclosed": {
      const all = index ? enclosed(index, data.corners) : new Uint32Array();
      const ordinals = all.filter((ordinal) => codes![ordinal]! < ghost);
      say({ kind: "enclosed", id: data.id, ordinals }, [ordinals.buffer]);
    }
  }
});

/** Colours in the order of the index. */
function dress(): void {
  if (!index || !codes) return;
  const colours = new Uint8Array(index.ordinals.length);
  for (let place = 0; place < colours.length; place++) colours[place] = codes[index.ordinals[place]!] ?? hidden;
  look = { colours, palette };
  schedule();
}

/** Of views that come faster than they can be drawn only the last is. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    draw();
  });
}

function draw(): void {
  if (!index || !look || !wanted || wanted.width < 1 || wanted.height < 1) return;
  const began = performance.now();
  const { view, width, height, ratio, still } = wanted;
  const size = { width, height };
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const few = placesInView(index, look, view, size, 10 * ratio, discsMax);
  context.clearRect(0, 0, width, height);
  if (few) drawDiscs(context, index, look, few, view, size, (few.length < 300 ? 5 : few.length < 2500 ? 3.6 : 2.6) * ratio);
  else {
    if (image.width !== width || image.height !== height) image = new ImageData(width, height);
    drawPoints(new Uint32Array(image.data.buffer), scratch, index, look, view, size, ratio >= 1.5 ? 3 : 2);
    context.putImageData(image, 0, 0);
  }
  const bitmap = canvas.transferToImageBitmap();
  say({ kind: "frame", bitmap, view, width, height, tookMs: performance.now() - began }, [bitmap]);
  if (!still) return;
  const near = few && few.length <= picturesAmong ? representatives(index, look, few, view, size, pictureSide * ratio) : new Uint32Array();
  const ordinals = Uint32Array.from(near, (place) => index!.ordinals[place]!);
  say({ kind: "pictures", ordinals }, [ordinals.buffer]);
}
