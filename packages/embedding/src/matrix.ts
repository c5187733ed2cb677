/** Vectors as the engine takes them: row-major, value j of vector i is `data[i * columns + j]`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}
