/** Requests to a server as another client sends them, beside the page. */

/** @returns the body of the answer @throws Error when the request was refused */
export type Api = <Body = undefined>(method: string, path: string, body?: unknown) => Promise<Body>;

export function apiOf(url: string, token: string): Api {
  return async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}`, accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was refused with ${response.status}: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as Body;
  };
}

/** A mask of the samples that are kept, as the wire writes it. */
export function hexOf(samples: number, keep: (ordinal: number) => boolean): string {
  let bits = 0n;
  for (let i = 0; i < samples; i++) if (keep(i)) bits |= 1n << BigInt(i);
  return `0x${bits.toString(16)}`;
}
