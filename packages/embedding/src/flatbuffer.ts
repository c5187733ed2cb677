/**
 * Reads tables of a FlatBuffers file in place. Only what model files use: scalars, strings, vectors, tables.
 * Source: the binary format described in FlatBuffers' documentation ("FlatBuffer Internals").
 *
 * Every read is checked against the end of the file by DataView: a damaged file gives a RangeError, never other memory.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#vtable = at - view.getInt32(at, true);
    this.#vtableSize = view.getUint16(this.#vtable, true);
  }

  /** The table that the file begins with. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** A byte-wide field (also enumerations and union types), or `fallback` where the file leaves it out. */
  byte(field: number, fallback = 0): number {
    const at = this.#field(field);
    return at === 0 ? fallback : this.#view.getInt8(at);
  }

  int(field: number, fallback = 0): number {
    const at = this.#field(field);
    return at === 0 ? fallback : this.#view.getInt32(at, true);
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  /** A vector of bytes or a string, without a copy; empty where left out. */
  bytes(field: number): Uint8Array {
    const { start, length } = this.#vector(field);
    if (start + length > this.#view.byteLength) throw new RangeError("a vector reaches beyond the end of the file");
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length);
  }

  ints(field: number): number[] {
    const { start, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => this.#view.getInt32(start + i * 4, true));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#field(field);
    return at === 0 ? undefined : new FlatTable(this.#view, at + this.#view.getUint32(at, true));
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => {
      const at = start + i * 4;
      return new FlatTable(this.#view, at + this.#view.getUint32(at, true));
    });
  }

  /** Where a field's value stands; 0 when the file leaves it out. */
  #field(field: number): number {
    const entry = 4 + field * 2;
    if (entry + 2 > this.#vtableSize) return 0;
    const offset = this.#view.getUint16(this.#vtable + entry, true);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #vector(field: number): { start: number; length: number } {
    const at = this.#field(field);
    if (at === 0) return { start: 0, length: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const length = this.#view.getUint32(vector, true);
    // Each element has a byte at least: a damaged length can't make us reserve more than the file is long.
    if (length > this.#view.byteLength) throw new RangeError("a vector is longer than the file");
    return { start: vector + 4, length };
  }
}
