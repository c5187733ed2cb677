/** Parts of addresses that let somebody in: our own signatures and tokens, and those of the clouds. */
const secretParameters = /([?&](?:token|public_?token|key|sig|signature|code|password|secret|x-amz-[\w-]+|x-goog-[\w-]+|se|sp|sv|skoid|sktid)=)[^&\s"'<>)\]]+/gi;
/** `//user:password@host` */
const userInfo = /(\/\/)[^\s/@"']+@/g;
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
/** `"password": "…"` and its like in quoted JSON or objects. */
const named = /((?:password|secret|token|secretAccessKey|accountKey|sasToken|private_?key|authorization|cookie)["']?\s*[:=]\s*)(["'])(?:(?!\2).)+\2/gi;

/** A text as it may stand in a log: whatever opens something is left out. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(secretParameters, "$1…").replaceAll(userInfo, "$1…@").replaceAll(bearer, "$1 …").replaceAll(named, "$1$2…$2");
}
