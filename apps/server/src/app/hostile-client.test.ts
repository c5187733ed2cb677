import { operations, type Operation } from "@winnow/contract";
import fc from "fast-check";
import { Type } from "typebox";
import { beforeAll, expect, test } from "vitest";
import { addEmbedding, onLine, scene, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

type Schema = Readonly<Record<string, unknown>>;
const served = operations.filter(({ path }) => !/datasource|docker|predictions/.test(path));

const oddTexts = fc.oneof(
  fc.constantFrom("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "__proto__", "constructor", "null", "undefined", "NaN", "-1", "1e999", "0x", "0xZZ", "%00", "%zz", "../..", "'; drop table users; --", "🐈", "\u202e", "\ufeff", "a".repeat(300), "\n", "{}"),
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
      const required = (schema["required"] ?? []) as string[];
      return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, near(one, ids)])), { requiredKeys: required }) as fc.Arbitrary<unknown>;
    }
    default:
      return anything;
  }
}

describeServer("A hostile client", (server) => {
  let made: Scene;
  let ids: string[];

  beforeAll(async () => {
    made = await scene(server, 8);
    const embedding = await addEmbedding(server, made, onLine(8));
    const score = await server.call<{ id: string }>("POST", `${made.path}/tags/${made.tagId}/scores`, { body: { scoreType: "a", scores: [1, 2, 3, 4, 5, 6, 7, 8] } });
    ids = [made.id, made.tagId, embedding, score.id, ...made.sampleIds.slice(0, 2)];
  });

  /** A request to an operation, with its parts near to what they should be. */
  function request(operation: Operation): fc.Arbitrary<{ operation: Operation; path: string; query: Record<string, string>; body: string | undefined }> {
    const known: Record<string, string> = { datasetId: made.id, tagId: made.tagId, embeddingId: ids[2]!, scoreId: ids[3]!, sampleId: ids[4]! };
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
    const parts = fc.tuple(...names.map((name) => fc.oneof({ weight: 9, arbitrary: fc.constant(known[name] ?? "0".repeat(24)) }, { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...ids), oddTexts) })));
    const query = JSON.parse(JSON.stringify(operation.query ?? { properties: {} })) as Schema;
    return fc.record({
      operation: fc.constant(operation),
      path: parts.map((values) => names.reduce((path, name, i) => path.replace(`{${name}}`, encodeURIComponent(Buffer.from(String(values[i])).toString())), operation.path)),
      query: fc.record(Object.fromEntries(Object.entries(query["properties"] as Record<string, Schema>).map(([name, schema]) => [name, near(schema, ids).map((value) => (typeof value === "string" ? value : JSON.stringify(value)))])), { requiredKeys: (query["required"] ?? []) as string[] }) as fc.Arbitrary<Record<string, string>>,
      body: operation.body
        ? fc.oneof(
            { weight: 12, arbitrary: near(JSON.parse(JSON.stringify(operation.body)) as Schema, ids).map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: near(JSON.parse(JSON.stringify(operation.body)) as Schema, ids).map((value) => JSON.stringify(value)?.replace(/\d+/, "NaN")) },
            { weight: 1, arbitrary: oddTexts },
          )
        : fc.constantFrom(undefined, "{}"),
    });
  }

  test("a NUL in an address, which some databases refuse, is just something that isn't there", async () => {
    for (const { id, method, path } of operations) {
      for (const [place] of path.matchAll(/\{\w+\}/g)) {
        const address = path.replace(place, "%00").replace("{datasetId}", made.id).replace("{tagId}", made.tagId).replaceAll(/\{\w+\}/g, ids[2]!);
        const { status } = await server.send(method, address, { body: method === "GET" ? undefined : {} });
        expect(status, `${id} ${address}`).toBeLessThan(500);
      }
    }
    const { status } = await server.send("POST", "/v1/session", { token: null, body: { email: "a\0@example.org", password: "whatever" } });
    expect(status).toBeLessThan(500);
  });

  test("a few hundred requests that are not quite right: never a 5xx, always an answer of the contract", async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...served).chain(request), async ({ operation, path, query, body }) => {
        // Only what this test made may be deleted, and it is needed.
        if (operation.id === "delete_dataset_by_id" && path.includes(made.id)) return;
        if (operation.id === "delete_embedding_by_id") return;
        if (path.includes("//") || path.endsWith("/")) return;
        const headers: Record<string, string> = operation.path.includes("/export/") ? { accept: "application/json" } : {};
        // With format=JSON it is a list instead of a text.
        const schema = operation.id === "export_tag_to_basic_filenames" ? Type.Unknown() : undefined;
        const options = { schema, query, raw: operation.method === "GET" ? undefined : body, headers, timeoutMs: 10_000 };
        // Sama's list has a form of its own for other clients.
        if (operation.id === "export_tag_to_sama_tasks") headers["user-agent"] = "Swagger-Codegen/1.0.0/python";
        const { status } = await server.request(operation.method, path, options);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: Number(process.env["WINNOW_HOSTILE_REQUESTS"] ?? 800), endOnFailure: true, interruptAfterTimeLimit: 50_000 },
    );
    // The requests are near enough for some to succeed.
    expect((seen.get(200) ?? 0) + (seen.get(201) ?? 0) + (seen.get(204) ?? 0)).toBeGreaterThan(50);
    expect((await server.request("GET", made.path)).status).toBe(200);
  });
});
