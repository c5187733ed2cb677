/** Requests to the server that served this page. The session is a cookie, which the browser sends by itself. */
import type { BodyOf, Operation, PathOf, QueryOf, ReplyOf } from "@winnow/contract";

/** The server's answer to a request that it refused, or that never reached it. */
export class RequestError extends Error {
  constructor(
    /** 0: there was no answer. */
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "RequestError";
  }
}

/** A row of the contract without its schemas, so that these don't end up in the page. The types check it against the contract. */
export interface Route<O extends Operation> {
  readonly method: O["method"];
  readonly path: O["path"];
  /** Only there for its type. */
  readonly operation?: O;
}

export function route<O extends Operation>(method: O["method"], path: O["path"]): Route<O> {
  return { method, path };
}

type Part<Name extends string, Value> = [Value] extends [undefined] ? unknown : Record<never, never> extends Value ? { readonly [key in Name]?: Value } : { readonly [key in Name]: Value };

export type Input<O extends Operation> = Part<"path", PathOf<O>> & Part<"query", QueryOf<O>> & Part<"body", BodyOf<O>> & { readonly signal?: AbortSignal };

/** A body that is JSON already: `1.0` stays `1.0` in it. */
export class JsonText {
  constructor(readonly text: string) {}
}

interface AnyInput {
  readonly path?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Calls an operation.
 * @throws RequestError for every answer that is no success, and when there is none
 */
export async function call<O extends Operation>({ method, path }: Route<O>, input: Input<O>): Promise<ReplyOf<O>> {
  const response = await send(method, addressOf(path, input as AnyInput), input as AnyInput);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as ReplyOf<O>;
}

/** The bytes that an operation answers with. @throws as {@link call} */
export async function bytes<O extends Operation>({ method, path }: Route<O>, input: Input<O>): Promise<ArrayBuffer> {
  return (await send(method, addressOf(path, input as AnyInput), input as AnyInput)).arrayBuffer();
}

/** The text at an address of the server. @throws as {@link call} */
export async function textOf(address: string, signal?: AbortSignal): Promise<string> {
  return (await send("GET", address, signal ? { signal } : {})).text();
}

/** Path and query of a request. */
export function addressOf(path: string, { path: parameters = {}, query = {} }: AnyInput): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((parameters as Readonly<Record<string, string>>)[name] ?? ""));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query as Readonly<Record<string, unknown>>)) if (value !== undefined && value !== null) search.append(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function send(method: string, address: string, { body, signal }: AnyInput): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: { "x-winnow-app": "1", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: body instanceof JsonText ? body.text : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError(0, "OFFLINE", "The server can't be reached. Check that it is running and that you are online; this page goes on by itself then.");
  }
  if (response.ok) return response;
  const { code, message } = await refusal(response);
  if (response.status === 401) window.dispatchEvent(new Event("winnow:signed-out"));
  throw new RequestError(response.status, code, message);
}

async function refusal(response: Response): Promise<{ code: string; message: string }> {
  try {
    const { code, message } = (await response.json()) as { code?: string; message?: string };
    if (message) return { code: code ?? "", message };
  } catch {
    // Not from our server: a proxy's page, for instance.
  }
  return { code: "", message: `The server answered with status ${response.status}.` };
}
