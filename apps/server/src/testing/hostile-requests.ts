/** Requests that are not quite right, made from the contract: what a fuzzer sends to a server. */
import type { Operation } from "@winnow/contract";
import fc from "fast-check";

type Schema = Readonly<Record<string, unknown>>;

const oddTexts = fc.oneof(
  fc.constantFrom("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "__proto__", "constructor", "null", "undefined", "NaN", "-1", "1e999", "0x", "0xZZ", "%00", "%zz", "../..", "'; drop table users; --", "🐈", "\u202e", "\ufeff", "a".repeat(300), "\n", "\r\nx: y", "{}", "<script>", "file:///etc/passwd", "http://169.254.169.254/"),
  fc.string(),
  fc.string({ unit: "binary" }),
);
const oddNumbers = fc.oneof(fc.constantFrom(0, -0, -1, 0.5, 1e300, -1e300, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 1e21), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const anything: fc.Arbitrary<unknown> = fc.oneof(oddTexts, oddNumbers, fc.constantFrom(null, true, false, [], {}, [[]], [null]), fc.jsonValue({ maxDepth: 3 }));

/** A value of a schema, now and then not quite. */
function near(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: good(schema, ids) }, { weight: 1, arbitrary: anything });
}

function good(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (schema["enum"]) return fc.constantFrom(...(schema["enum"] as unknown[]));
  if ("const" in schema) return fc.constant(schema["const"]);
  if (schema["anyOf"]) return fc.oneof(...(schema["anyOf"] as Schema[]).map((one) => near(one, ids)));
  switch (schema["type"]) {
    case "string":
      if (schema["pattern"] === "^[a-f0-9]{24}$") return fc.constantFrom(...ids, "0".repeat(24));
      if (String(schema["pattern"]).startsWith("^0x")) return fc.constantFrom("0x0", "0x1", "0x7", "0xff", `0x${"f".repeat(400)}`);
      return fc.oneof(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9 _-]{2,20}$/), fc.constantFrom("RANDOM", "initial-tag", "0.jpg", "a@b.c"));
    case "integer":
    case "number":
      return fc.oneof(fc.integer({ min: 0, max: 12 }), oddNumbers);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(near((schema["items"] ?? {}) as Schema, ids), { maxLength: 6 });
    case "object": {
      const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
      if (properties.length === 0) return fc.dictionary(oddTexts, anything, { maxKeys: 3 });
      return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, near(one, ids)])), { requiredKeys: (schema["required"] ?? []) as string[] }) as fc.Arbitrary<unknown>;
    }
    default:
      return anything;
  }
}

export interface HostileRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A request to an operation, with its parts near to what they should be. `known`: parts of the address that are there. */
export function nearRequest(operation: Operation, known: Readonly<Record<string, string>>): fc.Arbitrary<HostileRequest> {
  const ids = Object.values(known);
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const parts = fc.tuple(...names.map((name) => fc.oneof({ weight: 9, arbitrary: fc.constant(known[name] ?? "0".repeat(24)) }, { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...ids), oddTexts) })));
  const query = JSON.parse(JSON.stringify(operation.query ?? { properties: {} })) as Schema;
  const body = operation.body && (JSON.parse(JSON.stringify(operation.body)) as Schema);
  return fc.record({
    operation: fc.constant(operation),
    path: parts.map((values) => names.reduce((path, name, i) => path.replace(`{${name}}`, () => encodeURIComponent(Buffer.from(String(values[i])).toString())), operation.path)),
    query: fc.record(Object.fromEntries(Object.entries(query["properties"] as Record<string, Schema>).map(([name, schema]) => [name, near(schema, ids).map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")))])), { requiredKeys: (query["required"] ?? []) as string[] }) as fc.Arbitrary<Record<string, string>>,
    body: body
      ? fc.oneof(
          { weight: 12, arbitrary: near(body, ids).map((value) => JSON.stringify(value)) },
          { weight: 1, arbitrary: near(body, ids).map((value) => JSON.stringify(value)?.replace(/\d+/, "NaN")) },
          { weight: 1, arbitrary: fc.tuple(near(body, ids), fc.nat(2_000), fc.nat(255)).map(([value, at, byte]) => mutated(JSON.stringify(value) ?? "", at, byte)) },
          { weight: 1, arbitrary: oddTexts },
        )
      : fc.constantFrom(undefined, "{}"),
  });
}

/** A text with another character, a hole or a piece of itself at some place. */
function mutated(text: string, at: number, byte: number): string {
  if (text === "") return String.fromCharCode(byte);
  const place = at % text.length;
  if (byte % 3 === 0) return text.slice(0, place) + text.slice(place + 1);
  if (byte % 3 === 1) return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
  return text.slice(0, place) + text.slice(0, byte) + text.slice(place);
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: Uint8Array | undefined;
}

const headerText = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 60 }).map((text) => text.trim());
const headerNames = ["accept", "accept-encoding", "accept-language", "content-type", "content-encoding", "if-none-match", "if-modified-since", "if-range", "range", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-http-method-override", "x-original-url", "cookie", "authorization", "origin", "referer", "user-agent", "x-winnow-app"] as const;
const headerValues = fc.oneof(
  headerText,
  fc.constantFrom("bytes=0-", "bytes=-1", "bytes=9999999999999999999-", "bytes=0-0,1-1", "bytes=1-0", "*", 'W/"x"', "gzip", "br;q=9", "Bearer ", "Bearer a b c", "Basic Og==", "winnow_session=x", `winnow_session=${"0".repeat(64)}`, "text/html", "application/json; charset=utf-7", "multipart/form-data; boundary=x", "evil.example", "DELETE", "/v1/users/me", "null"),
).filter((value) => !value.includes("event-stream"));

/** A request to any address below any method, whatever it says. `addresses`: ones that lead somewhere, signed ones among them. */
export function rawRequest(addresses: readonly string[]): fc.Arbitrary<RawRequest> {
  const segment = fc.oneof(fc.constantFrom("v1", "datasets", "files", "sources", "archives", "docker", "runs", "..", ".", "", "%2e%2e", "%2f", "%00", "%", "%c0%af", "users", "me", "session", "assets", "openapi.json", "0".repeat(24)), oddTexts.map((text) => encodeURIComponent(Buffer.from(text).toString())));
  const path = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...addresses) },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...addresses), fc.nat(2_000), fc.integer({ min: 0x21, max: 0x7e })).map(([address, at, code]) => `/${mutated(address.slice(1), at, code)}`) },
    { weight: 2, arbitrary: fc.array(segment, { maxLength: 9 }).map((parts) => `/${parts.join("/")}`) },
  );
  return fc.record({
    method: fc.constantFrom("GET", "GET", "PUT", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"),
    // What isn't plain text can't even be put on the wire by the client.
    path: path.map((text) => text.replaceAll(/[^\x21-\x7e]/g, "_")),
    headers: fc.dictionary(fc.constantFrom(...headerNames), headerValues, { maxKeys: 4 }),
    raw: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: fc.uint8Array({ maxLength: 400 }) }, { weight: 1, arbitrary: fc.constantFrom("[".repeat(20_000), '{"a":'.repeat(5_000), `"${"x".repeat(100_000)}"`, "9".repeat(50_000), "filenames,embedding_0,labels\n", "\ufeff{}").map((text) => new Uint8Array(Buffer.from(text))) }),
  });
}
