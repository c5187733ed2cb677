import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** A sealed text that can't be opened: another key, another place, or damage. The message holds nothing of its content. */
export class SealError extends Error {
  override name = "SealError";
}

const version = "w1";
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a secret for keeping: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D), written as
 * `w1.<8 hex digits that name the key>.<base64url of nonce, tag and ciphertext>`.
 * With random nonces one key is good for 2^32 secrets.
 * @param key 32 random bytes
 * @param place where the text is kept, for example `datasource/<id>`: it can be opened for the same place only, so that nobody gains by moving it to another row
 */
export function seal(secret: string, key: Uint8Array, place: string): string {
  checkKey(key);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
  const head = `${version}.${keyId(key)}`;
  cipher.setAAD(Buffer.from(`${head}\n${place}`));
  const content = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return `${head}.${Buffer.concat([iv, cipher.getAuthTag(), content]).toString("base64url")}`;
}

/**
 * The secret of a sealed text.
 * @param keys the key, or the present and earlier ones: the text names its own
 * @throws SealError
 */
export function unseal(sealed: string, keys: Uint8Array | readonly Uint8Array[], place: string): string {
  const [found, id, body, ...rest] = sealed.split(".");
  if (found !== version || id === undefined || body === undefined || rest.length > 0 || !/^[A-Za-z0-9_-]+$/.test(body)) throw new SealError("This is no sealed secret of a version that is known here.");
  const key = (keys instanceof Uint8Array ? [keys] : keys).find((one) => keyId(one) === id);
  if (!key) throw new SealError("The secret was sealed with another key: give the server the key that it had then.");
  checkKey(key);
  const bytes = Buffer.from(body, "base64url");
  if (bytes.length < ivBytes + tagBytes) throw new SealError("The sealed secret was cut short.");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(`${version}.${id}\n${place}`));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    throw new SealError("The sealed secret was changed, or belongs to another place.");
  }
}

/** Whether a text is sealed, and with which of the keys; for sealing again after a change of keys. */
export function isSealedWith(sealed: string, key: Uint8Array): boolean {
  return sealed.startsWith(`${version}.${keyId(key)}.`);
}

function keyId(key: Uint8Array): string {
  return createHash("sha256").update("winnow-seal\n").update(key).digest("hex").slice(0, 8);
}

function checkKey(key: Uint8Array): void {
  if (key.length !== 32) throw new RangeError(`a sealing key has 32 bytes, got ${key.length}`);
}
