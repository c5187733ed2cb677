const depthMax = 6;

/** Calls back with the path and value of each leaf: `a.b`, `list[0].c`. Lists beyond ten entries, and depths beyond six, are left out. */
export function flatten(value: unknown, leaf: (path: string, value: unknown) => void, path = "", depth = 0): void {
  if (value === null || typeof value !== "object") {
    if (path !== "") leaf(path, value);
    return;
  }
  if (depth >= depthMax) return;
  if (Array.isArray(value)) {
    if (value.length <= 10) value.forEach((item, i) => flatten(item, leaf, `${path}[${i}]`, depth + 1));
    return;
  }
  for (const [key, item] of Object.entries(value)) flatten(item, leaf, path === "" ? key : `${path}.${key}`, depth + 1);
}
