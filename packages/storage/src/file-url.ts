import { encodedPath } from "./paths.ts";
import { UrlSigner } from "./signature.ts";

/** What a signed address of a file server allows. GET includes HEAD, and the listing of a folder. */
export type FileMethod = "GET" | "PUT" | "DELETE";

const purpose = "file-server";

/**
 * The address of a file below a server's root that is valid for so many seconds: `…/path?expires=milliseconds&signature=…`.
 * @param key at least 32 bytes that the server knows too
 * @param path relative to the root of the server; a folder's ends with a slash, the root's is empty
 */
export function signedFileUrl(origin: string, key: Uint8Array, method: FileMethod, path: string, seconds: number): string {
  const expires = Date.now() + Math.floor(seconds * 1000);
  const signature = new UrlSigner(key).sign(purpose, { method, path, expires });
  return `${origin.replace(/\/$/, "")}/${encodedPath(path)}?expires=${expires}&signature=${signature}`;
}

/** Whether the query of an address allows a method: "unsigned" when it has no signature at all. */
export function checkFileUrl(key: Uint8Array, method: FileMethod, path: string, query: URLSearchParams): "valid" | "unsigned" | "expired" | "wrong" {
  const expires = query.get("expires");
  const signature = query.get("signature");
  if (expires === null && signature === null) return "unsigned";
  if (signature === null || expires === null || !/^\d{1,15}$/.test(expires)) return "wrong";
  if (!new UrlSigner(key).verify(purpose, { method, path, expires: Number(expires) }, signature)) return "wrong";
  return Number(expires) < Date.now() ? "expired" : "valid";
}
