import { ParquetError } from "./parquet-error.ts";

/**
 * Walks runs of repeated and of packed values (the format's RLE hybrid) without unpacking them. A reader that trusts them
 * writes as many values as a run announces, and five bytes can announce a thousand millions.
 * @param width bits of a value
 * @param count values that there are to be
 * @param fewer whether the runs may end before all have come
 * @throws ParquetError when a run announces more than are left
 */
export function checkRuns(view: DataView, start: number, end: number, width: number, count: number, fewer = false): void {
  const broken = (): never => {
    throw new ParquetError("the file is damaged: a run announces more values than its page has");
  };
  if (width > 32) broken();
  let [at, left] = [start, count];
  while (left > 0 && !(fewer && at >= end)) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) return broken();
      const byte = view.getUint8(at++);
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (header % 2 === 1) {
      // Packed values come in eights; what is over in the last is padding, and writers may leave out its bytes.
      const groups = (header - 1) / 2;
      if (groups === 0 || groups > Math.ceil(left / 8)) broken();
      at += groups * width;
      left -= groups * 8;
    } else {
      const repeated = header / 2;
      if (repeated === 0 || repeated > left) broken();
      at += Math.ceil(width / 8);
      left -= repeated;
    }
  }
}
