/** Keeps tokens out of messages: they end up in logs and bug reports. */

/** The text without the token, in whatever encoding, and without the values of query parameters that are secret. */
export function withoutSecrets(text: string, token: string | undefined): string {
  let clean = text;
  if (token !== undefined && token !== "") {
    for (const form of new Set([token, encodeURIComponent(token), new URLSearchParams({ t: token }).toString().slice(2), JSON.stringify(token).slice(1, -1)])) {
      clean = clean.replaceAll(form, "***");
    }
  }
  return clean.replace(/([?&](?:token|publicToken|secret|signature|sig|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|X-Goog-Signature)=)[^&\s"']+/gi, "$1***");
}
