/** Requests exactly as the Python client of the 1.2 line sends them: headers, spelling, bodies where none is needed. */
import { checkReply } from "./reply-check.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

/** A value as Python's `json.dumps` writes it; numbers that JSON doesn't know are given as `new PythonFloat("NaN")`. */
export function dumps(value: unknown): string {
  if (value instanceof PythonFloat) return value.text;
  if (Array.isArray(value)) return `[${value.map(dumps).join(", ")}]`;
  if (value !== null && typeof value === "object") return `{${Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => `${escaped(key)}: ${dumps(item)}`).join(", ")}}`;
  return typeof value === "string" ? escaped(value) : JSON.stringify(value);
}

export class PythonFloat {
  constructor(readonly text: "NaN" | "Infinity" | "-Infinity" | `${number}`) {}
}

function escaped(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Percent-encoded with no character but letters, digits and `_.-~` left as it is. */
function quoted(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export interface PythonRequest {
  /** Values of `{name}` in the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly token?: string | null;
}

export class PythonClient {
  constructor(
    readonly server: ServerUnderTest,
    readonly options: { readonly userAgent?: string; readonly prefix?: string } = {},
  ) {}

  /** Sends a call of the generated client. @returns what its caller gets to see */
  async call<Body = unknown>(method: string, template: string, { path = {}, query = {}, body, token = this.server.ownerToken }: PythonRequest = {}): Promise<Body> {
    const { userAgent = "Swagger-Codegen/1.0.0/python", prefix = "" } = this.options;
    const address = prefix + template.replaceAll(/\{(\w+)\}/g, (_, name: string) => quoted(path[name]!));
    const spelled = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, typeof value === "boolean" ? (value ? "True" : "False") : value]));
    const reply = await this.server.send(method, address, {
      token,
      query: spelled,
      raw: method === "GET" ? undefined : dumps(body ?? {}),
      headers: { accept: "application/json", "content-type": "application/json", "user-agent": userAgent },
    });
    checkReply(method, address, reply);
    if (reply.status < 200 || reply.status > 299) throw new PythonApiError(reply.status, reply.bytes.toString("utf8"));
    return reply.body as Body;
  }

  /** A signed PUT as the `requests` library sends it. */
  async put(address: string, content: Buffer | string, headers: Record<string, string> = {}): Promise<number> {
    const reply = await this.server.open(address, { method: "PUT", raw: content, headers: { accept: "*/*", "accept-encoding": "gzip, deflate", "user-agent": "python-requests/2.31.0", ...headers } });
    return reply.status;
  }

  /** A plain download by `urllib`, which follows redirects. */
  async urlopen(address: string): Promise<Buffer> {
    const headers = { "accept-encoding": "identity", "user-agent": "Python-urllib/3.11", connection: "close" };
    const reply = await this.server.open(address, { headers });
    if (reply.status === 302) return this.urlopen(reply.headers["location"] as string);
    if (reply.status !== 200) throw new PythonApiError(reply.status, reply.bytes.toString("utf8"));
    return reply.bytes;
  }
}

export class PythonApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
  ) {
    super(`(${status}) ${body}`);
  }
}
