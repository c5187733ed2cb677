/**
 * Scales a vector to length 1 in place. A vector of zeros stays one: it has no direction.
 * Summed in double precision, in order, so that the result doesn't depend on the machine's vector width.
 */
export function toUnitLength(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * scale;
}
