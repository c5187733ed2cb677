import { randomBytes } from "node:crypto";

const nodePart = randomBytes(3).toString("hex");
let lastMs = 0;
let counter = 0;

/**
 * A new id: 24 lowercase hex digits that sort by time of creation.
 * 12 digits of milliseconds, 6 of a counter within the millisecond, 6 of chance for the process.
 */
export function newId(nowMs = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xffffff) {
    lastMs++;
    counter = 0;
  }
  return lastMs.toString(16).padStart(12, "0") + counter.toString(16).padStart(6, "0") + nodePart;
}

const form = /^[a-f0-9]{24}$/;

/** Whether a text has the form of an id. */
export function isId(text: string): boolean {
  return form.test(text);
}
