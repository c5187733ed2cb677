/** There is no blob of that key. */
export class BlobNotFoundError extends Error {
  override name = "BlobNotFoundError";
  constructor(readonly key: string) {
    super(`There is no file "${key}".`);
  }
}

/** More bytes came than were allowed; nothing was stored. */
export class BlobTooLargeError extends Error {
  override name = "BlobTooLargeError";
  constructor(readonly sizeBytesMax: number) {
    super(`The content is larger than the ${sizeBytesMax} bytes allowed here.`);
  }
}

/** No bytes came; nothing was stored. */
export class EmptyBlobError extends Error {
  override name = "EmptyBlobError";
  constructor() {
    super("The content is empty. Send the bytes of the file as the body of the request.");
  }
}

/** The store itself can't do what was asked: it doesn't answer, or doesn't allow it. The message is for the operator; it never holds a secret. */
export class BlobStoreError extends Error {
  override name = "BlobStoreError";
}

/** The key could leave the store or is not a key at all. */
export class InvalidKeyError extends Error {
  override name = "InvalidKeyError";
  constructor(key: string) {
    super(`"${key}" is no valid key of a file.`);
  }
}
