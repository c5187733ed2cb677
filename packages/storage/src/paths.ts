import type { UrlAbilities } from "./source.ts";
import { SourceError } from "./source-error.ts";

/**
 * Order of texts by their UTF-8 bytes, as object stores sort. JavaScript compares UTF-16 units, which differs
 * only between surrogates (characters beyond U+FFFF) and U+E000 to U+FFFF.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      // Moves surrogates behind the rest of the basic plane, where their code points belong.
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/**
 * A path inside a datasource, checked.
 * @throws SourceError `path` when it is empty, absolute, or has empty, `.`, `..` or NUL parts
 */
export function checkedPath(path: string): string {
  if (path.split("/").some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))) {
    throw new SourceError("path", `"${path}" is no path of a file: give it relative to the datasource, without empty parts, "." and "..".`, path);
  }
  return path;
}

/** @throws RangeError when an address can't be valid for so many seconds */
export function checkedSeconds(seconds: number, { secondsMax }: UrlAbilities): number {
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > secondsMax) throw new RangeError(`an address of this datasource is valid for 1 to ${secondsMax} seconds, not ${seconds}`);
  return Math.floor(seconds);
}

/** Whether a path has a name with a leading dot that the prefix doesn't reach into: such files are kept out of sample listings. */
export function isHidden(path: string, prefix: string): boolean {
  return hiddenFolder(path, prefix) !== undefined;
}

/** The part of a hidden path that ends with its first hidden name: `a/.b` of `a/.b/c`. */
export function hiddenFolder(path: string, prefix: string): string | undefined {
  let start = 0;
  while (start < path.length) {
    const slash = path.indexOf("/", start);
    const end = slash === -1 ? path.length : slash;
    if (start >= prefix.length && path.charCodeAt(start) === 0x2e) return path.slice(0, end);
    start = end + 1;
  }
  return undefined;
}

/** Splits `scheme://bucket/a/b/` into the bucket and the keys' prefix `a/b/`. @throws SourceError `configuration` */
export function bucketAndBase(fullPath: string, what: "bucket" | "container"): { bucket: string; base: string } {
  const [bucket = "", ...rest] = fullPath.trim().replace(/^[a-z0-9]+:\/\//i, "").split("/");
  if (bucket === "") throw new SourceError("configuration", `The path "${fullPath}" names no ${what}: write it as ${what}/folder.`);
  const parts = rest.filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === "..")) throw new SourceError("configuration", `The path "${fullPath}" has "." or ".." in it: name the folder itself.`);
  return { bucket, base: parts.length === 0 ? "" : `${parts.join("/")}/` };
}

/** `/`-joined percent-encoding of every name of a path. */
export function encodedPath(path: string): string {
  // encodeURIComponent leaves !'()* alone: legal in addresses, but some signers and servers encode them, so we do too.
  return path.split("/").map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)).join("/");
}
