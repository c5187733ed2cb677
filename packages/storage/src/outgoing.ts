import { lookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import http, { type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { isLoopback, networkOf } from "./network-address.ts";
import { SourceError } from "./source-error.ts";

/** Which addresses may be contacted besides those of the internet. */
export interface AddressPolicy {
  /** This machine. Default: false. */
  readonly allowLoopback?: boolean;
  /** This machine and private networks. Default: false. */
  readonly allowPrivateAddresses?: boolean;
  /** Link-local addresses and the metadata services of clouds, which hand out credentials. Default: false. */
  readonly allowMetadataAddresses?: boolean;
  /** Hosts that may be contacted wherever they lead: `name`, or `name:port` for one port only. */
  readonly allowedHosts?: readonly string[];
}

/** Whether a connection may go to an IP address. */
type Permission = (address: string) => boolean;

export interface OutgoingRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Readable | Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly message: IncomingMessage;
  /** The address that answered, after redirects. */
  readonly url: URL;
}

/** Finds the addresses of a name, all of them: `node:dns` unless another is given. */
export type Resolver = (name: string, options: LookupAllOptions, done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void) => void;

const redirectsMax = 5;
/** A server that says nothing for so long is taken for gone. */
const idleMs = 30_000;

/**
 * HTTP requests to addresses that users give. A name is looked up once and the connection goes to exactly the addresses
 * that were checked, so a name that changes its address between check and connection gains nothing; every redirect is checked again,
 * and one from the internet never leads into this machine or a private network, unless that host is on the operator's list.
 */
export class Outgoing {
  readonly #policy: AddressPolicy;
  readonly #resolver: Resolver;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };

  constructor(policy: AddressPolicy = {}, resolver: Resolver = lookup) {
    this.#policy = policy;
    this.#resolver = resolver;
    const settings = { keepAlive: true, maxSockets: 32 };
    this.#agents = { http: new http.Agent(settings), https: new https.Agent(settings) };
  }

  /** @throws SourceError `unreachable`; the reason of the signal */
  async request(url: URL, request: OutgoingRequest): Promise<Answer> {
    let target = url;
    let comesFromInternet = false;
    for (let redirects = 0; ; redirects++) {
      const { message, address } = await this.#once(target, request, this.#permission(target, comesFromInternet));
      // An address that isn't known any more counts as one of the internet.
      comesFromInternet ||= address === undefined || networkOf(address) === "public";
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

  #once(url: URL, { method, headers, body, signal }: OutgoingRequest, isAllowed: Permission): Promise<{ message: IncomingMessage; address: string | undefined }> {
    return new Promise((done, failed) => {
      signal?.throwIfAborted();
      let address: string | undefined;
      if (url.protocol !== "http:" && url.protocol !== "https:") throw new SourceError("configuration", `Addresses begin with http:// or https://, not ${url.protocol}`);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      // A literal address is never looked up, so it is checked here.
      if (isIP(host) && !isAllowed(host)) throw refusal(host);
      const isSecure = url.protocol === "https:";
      const request = (isSecure ? https : http).request(url, { method, headers: { "Accept-Encoding": "identity", "User-Agent": "winnow", ...headers }, agent: isSecure ? this.#agents.https : this.#agents.http, lookup: checkedLookup(isAllowed, this.#resolver), ...(signal && { signal }) }, (message) => done({ message, address }));
      request.on("error", (error) => failed(signal?.aborted ? signal.reason : asSourceError(error, url)));
      request.setTimeout(idleMs, () => request.destroy(new SourceError("unreachable", `The file server at ${origin(url)} doesn't answer.`)));
      request.once("socket", (socket: Socket) => {
        // The last word: what the socket is really connected to.
        const check = () => {
          address = socket.remoteAddress;
          if (socket.remoteAddress !== undefined && !isAllowed(socket.remoteAddress)) request.destroy(refusal(host));
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

  #permission(url: URL, comesFromInternet: boolean): Permission {
    const { allowLoopback, allowPrivateAddresses, allowMetadataAddresses, allowedHosts = [] } = this.#policy;
    if (allowedHosts.some((one) => isHostOf(one, url))) return () => true;
    return (address) => {
      const kind = networkOf(address);
      if (kind === "public" || comesFromInternet) return kind === "public";
      if (kind === "metadata") return allowMetadataAddresses === true;
      return allowPrivateAddresses === true || (allowLoopback === true && isLoopback(address));
    };
  }
}

function refusal(host: string): SourceError {
  return new SourceError("forbidden", `"${host}" leads into a network that this server may not contact for users (private, link-local or this machine itself): the operator has to allow it.`);
}

function checkedLookup(isAllowed: Permission, resolver: Resolver): LookupFunction {
  return (name, options, done) => {
    resolver(name, { ...options, all: true }, (error, found) => {
      if (error) done(error, "", 0);
      else if (found.length === 0 || found.some(({ address }) => !isAllowed(address))) done(refusal(name) as NodeJS.ErrnoException, "", 0);
      else if (options.all) done(null, found);
      else done(null, found[0]?.address ?? "", found[0]?.family ?? 4);
    });
  };
}

/** Whether an entry of the operator's list means the host of an address: `nas`, `nas:8000`, `10.0.0.5`, `::1`, `[::1]:8000`. */
function isHostOf(entry: string, { hostname, port, protocol }: URL): boolean {
  const wanted = entry.trim().toLowerCase();
  const effectivePort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return [hostname, hostname.replace(/^\[|\]$/g, ""), `${hostname}:${effectivePort}`].includes(wanted);
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
