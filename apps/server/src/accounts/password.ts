import { hash, verify } from "@node-rs/argon2";

// Argon2id with the parameters that OWASP recommends for passwords (19 MiB, two passes, one lane).
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** How a password is stored: Argon2id with its salt and cost, as one text. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFC"), cost);
}

/** A hash that no password has: compared against when there is no such user, so that both answers take equally long. */
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** Whether the password is the one of the hash; false, and as slow, without a hash. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const same = await verify(stored ?? nobody, password.normalize("NFC"));
  return stored !== undefined && same;
}
