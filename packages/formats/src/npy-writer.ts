/** Characters of the header are padded so that the numbers begin at a multiple of this. */
const ALIGNMENT = 64;

/**
 * Writes float32 rows as `numpy.save` does (format version 1.0, row by row), as a stream.
 * @param rows any number of rows at a time, one behind the other
 * @throws RangeError when they aren't as many as `shape` says
 * @example
 * await pipeline(writeNpy([vectors.data], { rows: vectors.rows, columns: vectors.columns }), createWriteStream("embeddings.npy"));
 */
export async function* writeNpy(rows: Iterable<Float32Array> | AsyncIterable<Float32Array>, shape: { readonly rows: number; readonly columns: number }): AsyncGenerator<Uint8Array, void, undefined> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.rows}, ${shape.columns}), }`;
  const padding = ALIGNMENT - ((10 + text.length + 1) % ALIGNMENT || ALIGNMENT);
  const header = new TextEncoder().encode(`\u0000NUMPY\u0001\u0000\u0000\u0000${text}${" ".repeat(padding)}\n`);
  header[0] = 0x93;
  new DataView(header.buffer).setUint16(8, header.length - 10, true);
  yield header;
  let left = shape.rows * shape.columns;
  for await (const values of rows) {
    left -= values.length;
    if (left < 0) throw new RangeError(`there are more numbers than ${shape.rows} × ${shape.columns}`);
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, at) => view.setFloat32(4 * at, value, true));
    yield bytes;
  }
  if (left > 0) throw new RangeError(`there are ${left} numbers fewer than ${shape.rows} × ${shape.columns}`);
}
