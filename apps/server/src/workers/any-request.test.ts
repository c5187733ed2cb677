/** Whatever is sent to the operations of workers, by their schemas or against them: no failure of the server, and answers by the contract. */
import { operations } from "@winnow/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addConfiguration, addWorker, begin, schedule } from "../testing/worker-scenes.ts";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
}

const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("", "\u0000", "\ud800", "x".repeat(5_000), "a name", "../x", "ü"));

/** Values by a schema, and now and then one that isn't. */
function valuesOf(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: fittingValues(schema, ids) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function fittingValues(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valuesOf(one, ids)));
  switch (schema.type) {
    case "object":
      if (!schema.properties) return fc.dictionary(fc.constantFrom("method", "stopping_condition", "token", "strategies", "n_samples", "__proto__"), fc.jsonValue());
      return fc.record(Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, valuesOf(one, ids)])), { requiredKeys: schema.required ?? [] });
    case "array":
      return fc.array(valuesOf(schema.items ?? {}, ids), { maxLength: 4 });
    case "integer":
      return fc.oneof(fc.integer({ min: 0 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, 2 ** 63, 1e300));
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return schema.pattern?.includes("{24}") ? fc.constantFrom(...ids) : texts;
    default:
      return fc.jsonValue();
  }
}

describeServer("Any request about workers", (server) => {
  test("is answered", { timeout: 120_000 }, async () => {
    const [made, worker] = [await scene(server, 2), await addWorker(server)];
    const scheduledId = await schedule(server, made);
    const there: Readonly<Record<string, string>> = { datasetId: made.id, workerId: worker.id, scheduledId, runId: await begin(server, made, worker, scheduledId), configId: await addConfiguration(server) };
    const ids = [...Object.values(there), worker.sessionId, "f".repeat(24), "no id"];
    const plain = (schema: unknown) => JSON.parse(JSON.stringify(schema)) as Schema;
    const requests = fc.constantFrom(...operations.filter(({ path, method }) => path.includes("/docker") && method !== "DELETE")).chain((operation) =>
      fc.record({
        operation: fc.constant(operation),
        body: operation.body ? valuesOf(plain(operation.body), ids) : fc.constant(undefined),
        query: operation.query ? valuesOf(plain(operation.query), ids) : fc.constant({}),
        isThere: fc.boolean(),
        other: fc.constantFrom(...ids),
      }),
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(requests, async ({ operation, body, query, isThere, other }) => {
        const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((isThere || name === "datasetId" ? there[name] : undefined) ?? other));
        const given = Object.fromEntries(Object.entries((query ?? {}) as object).flatMap(([name, value]) => (value === null || typeof value === "object" ? [] : [[name, String(value)]])));
        const { status, bytes } = await server.request(operation.method, path, { body, query: given });
        if (status < 400) taken++;
        // The two authorisations say that there is nothing to authorise.
        if (status >= 500 && !(status === 501 && /authorization/i.test(operation.id))) throw new Error(`${status} ${bytes.toString().slice(0, 300)}`);
      }),
      { numRuns: 600 },
    );
    expect(taken).toBeGreaterThan(100);
    expect((await server.request("GET", "/v1/docker/runs")).status).toBe(200);
  });
});
