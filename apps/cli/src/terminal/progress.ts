import type { Io } from "../io.ts";

const REDRAW_MS = 100;
const PLAIN_MS = 10_000;

/** Tells on `stderr` what goes on: a line per stage, written over while it works on a terminal. */
export class Progress {
  readonly #io: Io;
  #live = false;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Begins a stage. */
  stage(title: string): Stage {
    return new Stage(title, this);
  }

  /** A line of its own. */
  say(text: string): void {
    this.#write(`${text}\n`);
    this.#live = false;
  }

  /** A line that the next one replaces; only on a terminal. */
  show(text: string): void {
    if (!this.#io.isTTY) return;
    this.#write(text.slice(0, Math.max(20, (this.#io.stderr.columns || 80) - 1)));
    this.#live = true;
  }

  /** Leaves no half line behind when something else is printed. */
  clear(): void {
    if (this.#live) this.#io.stderr.write("\r\u001b[K");
    this.#live = false;
  }

  get isLive(): boolean {
    return this.#io.isTTY;
  }

  #write(text: string): void {
    this.#io.stderr.write(this.#live ? `\r\u001b[K${text}` : text);
  }
}

/** One stage: counts, speed and time. */
export class Stage {
  readonly #title: string;
  readonly #progress: Progress;
  readonly #began = performance.now();
  #shownAt: number;

  constructor(title: string, progress: Progress) {
    this.#title = title;
    this.#progress = progress;
    this.#shownAt = progress.isLive ? -REDRAW_MS : this.#began;
    progress.show(`${this.#title} …`);
  }

  /** How far it is; call it as often as you like. */
  update(done: number, total: number | undefined, unit = "images"): void {
    if (total === 0) return; // it isn't known yet
    const now = performance.now();
    if (now - this.#shownAt < (this.#progress.isLive ? REDRAW_MS : PLAIN_MS)) return;
    this.#shownAt = now;
    const left = total === undefined || done === 0 ? undefined : ((total - done) * (now - this.#began)) / done;
    const text = [
      `${this.#title}: ${number(done)}${total === undefined ? "" : ` of ${number(total)}`} ${unit}`,
      speed(done, now - this.#began, unit),
      left !== undefined && left > 5_000 ? `${duration(left)} left` : undefined,
    ];
    const line = text.filter((part) => part !== undefined).join(" · ");
    if (this.#progress.isLive) this.#progress.show(line);
    else this.#progress.say(line);
  }

  /** Ends it with what came out. @param done images worked on, for the speed */
  done(result: string, done = 0): void {
    const took = performance.now() - this.#began;
    this.#progress.say([`${this.#title}: ${result}`, speed(done, took, "images"), duration(took)].filter((part) => part !== undefined).join(" · "));
  }
}

function speed(count: number, ms: number, unit: string): string | undefined {
  if (count < 2 || ms < 50) return undefined;
  const perSecond = (count * 1000) / ms;
  return `${perSecond >= 10 ? number(Math.round(perSecond)) : perSecond.toFixed(1)} ${unit}/s`;
}

/** "40 ms", "0.4 s", "12 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 95) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** With a comma between thousands. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 image", "2 images". */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${number(count)} ${count === 1 ? singular : plural}`;
}
