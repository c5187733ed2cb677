import type { ByteSource } from "./csv-records.ts";

/**
 * File names from a list with one per line: LF or CRLF, a byte order mark skipped, empty lines passed over. Blanks are
 * part of a name.
 */
export async function* readFileNameList(source: ByteSource): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const name = line.endsWith("\r") ? line.slice(0, -1) : line;
      if (name !== "") yield name;
    }
  }
  rest += decoder.decode();
  if (rest.endsWith("\r")) rest = rest.slice(0, -1);
  if (rest !== "") yield rest;
}

/** One name per line, each ended by LF, in chunks. @throws RangeError for a name that holds a line end. */
export async function* writeFileNameList(names: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let text = "";
  for await (const name of names) {
    if (/[\r\n]/.test(name)) throw new RangeError(`the file name ${JSON.stringify(name)} holds a line end and can't stand in a list`);
    text += `${name}\n`;
    if (text.length >= 1 << 16) {
      yield encoder.encode(text);
      text = "";
    }
  }
  if (text !== "") yield encoder.encode(text);
}
