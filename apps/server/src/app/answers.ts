/** Answers that are more than a JSON value made in one piece. */
import type { Readable } from "node:stream";

/** A JSON text, written piece by piece. */
export class StreamedJson {
  constructor(readonly pieces: AsyncIterable<string>) {}
}

/** A JSON text that is there already. */
export class JsonText {
  constructor(readonly text: string) {}
}

export class PlainText {
  constructor(readonly pieces: AsyncIterable<string> | string) {}
}

/** The client is sent to another address. */
export class Redirect {
  constructor(readonly location: string) {}
}

/** A body with headers of its own. */
export class WithHeaders {
  constructor(
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>>,
    /** In place of the operation's own. */
    readonly status?: number,
  ) {}
}

/** Bytes that a client takes as they are, columns for instance. */
export class Binary {
  constructor(
    readonly content: Uint8Array | Readable,
    readonly contentType: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** A file made while it is sent. */
export class Download {
  constructor(
    readonly content: Readable,
    readonly contentType: string,
    readonly fileName: string,
  ) {}
}

/** Joins values into the text of a JSON array, in pieces of some size. */
export async function* jsonArray(rows: AsyncIterable<readonly unknown[]>, toJson: (row: never) => string = JSON.stringify): AsyncIterable<string> {
  let begun = false;
  for await (const page of rows) {
    if (page.length === 0) continue;
    let text = begun ? "," : "[";
    begun = true;
    for (let i = 0; i < page.length; i++) text += (i ? "," : "") + toJson(page[i] as never);
    yield text;
  }
  yield begun ? "]" : "[]";
}

/** Joins the texts of JSON arrays into the text of one. */
export async function* joinedArrays(arrays: AsyncIterable<string>): AsyncIterable<string> {
  let begun = false;
  for await (const array of arrays) {
    const inside = array.slice(1, -1);
    if (inside === "") continue;
    yield (begun ? "," : "[") + inside;
    begun = true;
  }
  yield begun ? "]" : "[]";
}
