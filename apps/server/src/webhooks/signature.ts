import { createHmac } from "node:crypto";
import { UrlSigner } from "@winnow/storage";
import type { Database } from "../db/database.ts";

/** The key of a webhook's signatures: made from the server's, so it isn't kept anywhere. */
export function secretOf(signer: UrlSigner, webhookId: string): string {
  return signer.sign("webhook secret", { id: webhookId });
}

/** Value of the header `Winnow-Signature`: when it was sent, and the HMAC-SHA-256 of `time.body`, so that neither can be changed and nothing old sent again. */
export function signatureHeader(secret: string, body: string, atSeconds: number): string {
  return `t=${atSeconds},v1=${createHmac("sha256", secret).update(`${atSeconds}.${body}`).digest("hex")}`;
}

/** The server's key, as it stands in the store. */
export async function storedSigner(db: Database): Promise<UrlSigner> {
  const row = await db.selectFrom("settings").select("value").where("key", "=", "signing key").executeTakeFirstOrThrow();
  return new UrlSigner(Buffer.from(row.value, "hex"));
}
