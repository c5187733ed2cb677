export type { BlobStore, BlobRange, BlobFacts } from "./blob-store.ts";
export { BlobNotFoundError, BlobTooLargeError, EmptyBlobError, InvalidKeyError } from "./errors.ts";
export { FolderStore } from "./folder.ts";
export { UrlSigner, type SignedFacts } from "./signature.ts";
