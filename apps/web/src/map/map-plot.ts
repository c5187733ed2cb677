import type { FromThread, ToThread } from "./protocol.ts";
import { type Bounds, type Size, type Viewport, fitting, toScreen } from "./viewport.ts";

export interface PlotEvents {
  readonly onReady: (bounds: Bounds, placed: number) => void;
  readonly onPictures: (ordinals: Uint32Array) => void;
}

/** A map on a canvas. The thread draws it; until its next picture comes, the last one is moved and stretched, which costs next to nothing. */
export class MapPlot {
  readonly #thread: Worker;
  readonly #context: CanvasRenderingContext2D;
  readonly #answers = new Map<number, (answer: never) => void>();
  #asked = 0;
  #frame: Extract<FromThread, { kind: "frame" }> | undefined;
  #painting = 0;
  #view: Viewport | undefined;
  #size: Size = { width: 0, height: 0 };
  bounds: Bounds | undefined;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly events: PlotEvents,
  ) {
    this.#context = canvas.getContext("2d")!;
    this.#thread = new Worker(new URL("./map-thread.ts", import.meta.url), { type: "module", name: "map" });
    this.#thread.addEventListener("message", ({ data }: MessageEvent<FromThread>) => this.#heard(data));
  }

  /** Size in CSS pixels. */
  get size(): Size {
    return this.#size;
  }

  get view(): Viewport | undefined {
    return this.#view;
  }

  close(): void {
    this.#thread.terminate();
    cancelAnimationFrame(this.#painting);
    this.#frame?.bitmap.close();
  }

  setPoints(coordinates: Float32Array): void {
    this.bounds = undefined;
    this.#tell({ kind: "points", coordinates });
  }

  setLook(codes: Uint8Array, palette: Uint32Array): void {
    this.#tell({ kind: "look", codes, palette });
  }

  setSize(size: Size): void {
    this.#size = size;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(size.width * ratio);
    this.canvas.height = Math.round(size.height * ratio);
    this.#paint();
  }

  /** @param still nothing moves: pictures of single samples may be chosen */
  setView(view: Viewport, still: boolean): void {
    this.#view = view;
    const ratio = window.devicePixelRatio || 1;
    this.#tell({ kind: "view", view: { ...view, scale: view.scale * ratio }, width: this.canvas.width, height: this.canvas.height, ratio, still });
    this.#paint();
  }

  /** The view of everything. */
  fit(): Viewport | undefined {
    return this.bounds && fitting(this.bounds, this.#size);
  }

  /** The sample nearest to a point of the map; −1: none within reach. */
  nearest(x: number, y: number, reach: number): Promise<number> {
    return this.#ask<number>((id) => ({ kind: "nearest", id, x, y, reach }));
  }

  /** Samples that are shown inside a closed line. */
  enclosed(corners: readonly number[]): Promise<Uint32Array> {
    return this.#ask<Uint32Array>((id) => ({ kind: "enclosed", id, corners }));
  }

  #ask<Answer>(message: (id: number) => ToThread): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve as (answer: never) => void);
      this.#tell(message(id));
    });
  }

  #tell(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #heard(message: FromThread): void {
    if (message.kind === "ready") {
      this.bounds = message.bounds;
      this.events.onReady(message.bounds, message.placed);
    } else if (message.kind === "frame") {
      this.#frame?.bitmap.close();
      this.#frame = message;
      this.canvas.dataset["drawMs"] = message.tookMs.toFixed(1);
      this.#paint();
    } else if (message.kind === "pictures") this.events.onPictures(message.ordinals);
    else {
      const answer = this.#answers.get(message.id) as ((answer: unknown) => void) | undefined;
      this.#answers.delete(message.id);
      answer?.(message.kind === "nearest" ? message.ordinal : message.ordinals);
    }
  }

  #paint(): void {
    this.#painting ||= requestAnimationFrame(() => {
      this.#painting = 0;
      const { canvas } = this;
      const context = this.#context;
      context.clearRect(0, 0, canvas.width, canvas.height);
      const frame = this.#frame;
      if (!frame || !this.#view) return;
      const ratio = window.devicePixelRatio || 1;
      const here = { ...this.#view, scale: this.#view.scale * ratio };
      const stretch = here.scale / frame.view.scale;
      const [x, y] = toScreen(here, canvas, frame.view.x, frame.view.y);
      context.imageSmoothingEnabled = stretch !== 1;
      context.drawImage(frame.bitmap, x - (frame.width * stretch) / 2, y - (frame.height * stretch) / 2, frame.width * stretch, frame.height * stretch);
    });
  }
}
