import { lookup, type LookupAddress } from "node:dns";
import http, { type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { networkOf } from "./network-address.ts";
import { SourceError } from "./source-error.ts";

/** Which addresses may be contacted besides those of the internet. */
export interface AddressPolicy {
  /** This machine and private networks. Default: false. */
  readonly allowPrivateAddresses?: boolean;
  /** Link-local addresses and the metadata services of clouds, which hand out credentials. Default: false. */
  readonly allowMetadataAddresses?: boolean;
}

export interface OutgoingRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Readable | Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly message: IncomingMessage;
  /** The address that answered, after redirects. */
  readonly url: URL;
}

const redirectsMax = 5;
/** A server that says nothing for so long is taken for gone. */
const idleMs = 30_000;

/**
 * HTTP requests to addresses that users give. A name is looked up once and the connection goes to exactly the addresses
 * that were checked, so a name that changes its address between check and connection gains nothing; every redirect is checked again.
 */
export class Outgoing {
  readonly #policy: AddressPolicy;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };

  constructor(policy: AddressPolicy = {}) {
    this.#policy = policy;
    const settings = { keepAlive: true, maxSockets: 32, lookup: this.#lookup };
    this.#agents = { http: new http.Agent(settings), https: new https.Agent(settings) };
  }

  /** @throws SourceError `unreachable`; the reason of the signal */
  async request(url: URL, request: OutgoingRequest): Promise<Answer> {
    let target = url;
    for (let redirects = 0; ; redirects++) {
      const message = await this.#once(target, request);
      const location = message.headers.location;
      const isRedirect = [301, 302, 303, 307, 308].includes(message.statusCode ?? 0) && location !== undefined;
      // A body is sent once; a PUT that is sent elsewhere is answered as it is.
      if (!isRedirect || request.body !== undefined || request.method === "DELETE") return { message, url: target };
      message.destroy();
      if (redirects >= redirectsMax) throw new SourceError("unreachable", `The file server at ${origin(url)} redirects without end.`);
      if (!URL.canParse(location, target.href)) throw new SourceError("provider", `The file server at ${origin(url)} redirects to something that is no address.`);
      target = new URL(location, target);
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #once(url: URL, { method, headers, body, signal }: OutgoingRequest): Promise<IncomingMessage> {
    return new Promise((done, failed) => {
      signal?.throwIfAborted();
      if (url.protocol !== "http:" && url.protocol !== "https:") throw new SourceError("configuration", `Addresses begin with http:// or https://, not ${url.protocol}`);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      // A literal address is never looked up, so it is checked here.
      if (isIP(host) && !this.#isAllowed(host)) throw this.#refusal(host);
      const isSecure = url.protocol === "https:";
      const request = (isSecure ? https : http).request(url, { method, headers: { "Accept-Encoding": "identity", "User-Agent": "winnow", ...headers }, agent: isSecure ? this.#agents.https : this.#agents.http, ...(signal && { signal }) }, done);
      request.on("error", (error) => failed(signal?.aborted ? signal.reason : asSourceError(error, url)));
      request.setTimeout(idleMs, () => request.destroy(new SourceError("unreachable", `The file server at ${origin(url)} doesn't answer.`)));
      request.once("socket", (socket: Socket) => {
        // The last word: what the socket is really connected to.
        const check = () => {
          if (socket.remoteAddress !== undefined && !this.#isAllowed(socket.remoteAddress)) request.destroy(this.#refusal(host));
        };
        if (socket.connecting) socket.once("connect", check);
        else check();
      });
      if (body === undefined || body instanceof Uint8Array) request.end(body);
      else {
        body.on("error", (error) => request.destroy(error));
        body.pipe(request);
      }
    });
  }

  #isAllowed(address: string): boolean {
    const kind = networkOf(address);
    return kind === "public" || (kind === "private" ? this.#policy.allowPrivateAddresses === true : this.#policy.allowMetadataAddresses === true);
  }

  #refusal(host: string): SourceError {
    return new SourceError("unreachable", `"${host}" leads into a network that this server may not contact for users (private, link-local or this machine itself): the operator has to allow it.`);
  }

  readonly #lookup: LookupFunction = (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) done(error, "", 0);
      else if (found.length === 0 || found.some(({ address }) => !this.#isAllowed(address))) done(this.#refusal(name) as NodeJS.ErrnoException, "", 0);
      else if (options.all) done(null, found);
      else done(null, found[0]?.address ?? "", found[0]?.family ?? 4);
    });
  };
}

/** What may be named of an address: its query can hold a signature. */
function origin(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

/** Errors of what is being sent pass through as they are. */
function asSourceError(error: unknown, url: URL): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof SourceError || typeof code !== "string") return error;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return new SourceError("unreachable", `There is no server of the name "${url.hostname}": check the address.`);
  if (code === "ECONNREFUSED") return new SourceError("unreachable", `Nothing answers at ${origin(url)}: is the file server running, and is the port right?`);
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) return new SourceError("unreachable", `The certificate of ${origin(url)} is not valid (${code}).`);
  if (syscall !== undefined || code.startsWith("HPE_") || code === "ECONNRESET") return new SourceError("unreachable", `The connection to ${origin(url)} failed (${code}).`);
  return error;
}
