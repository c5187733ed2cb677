/** Local time as it stands in names of tags and embeddings: `20240131_09h05m07s`. */
export function timeStamp(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}_${two(time.getHours())}h${two(time.getMinutes())}m${two(time.getSeconds())}s`;
}
