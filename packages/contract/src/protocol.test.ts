/** The facts of protocol 1.2, held against the contract: nothing is missing, nothing is called differently. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as contract from "./index.ts";
import { domains, operations, successStatus, type Operation } from "./index.ts";

interface Facts {
  operations: Record<string, { route: string; path: string[]; query: Record<string, string>; body: string | null; returns: string | null }>;
  models: Record<string, Record<string, [type: string, presence: string]>>;
  unions: Record<string, Record<string, string>>;
  enums: Record<string, string[]>;
  laterRoutes: string[];
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
}

const facts = JSON.parse(readFileSync(new URL("../fixtures/protocol-1.2.json", import.meta.url), "utf8")) as Facts;
const byId = new Map(operations.map((operation) => [operation.id, operation]));

function plain(schema: unknown): Schema {
  return JSON.parse(JSON.stringify(schema)) as Schema;
}

/** The schema that the contract exports under a name of the protocol. */
function model(name: string): Schema {
  const found = (contract as Record<string, unknown>)[name === "MongoObjectID" ? "Id" : name];
  expect(found, `the contract exports no ${name}`).toBeDefined();
  return plain(found);
}

function withoutNull(schema: Schema): Schema {
  const rest = schema.anyOf?.filter((one) => one.type !== "null");
  return rest?.length === 1 ? rest[0]! : schema;
}

/** What a type of the protocol looks like as a schema; undefined: any. */
function expectType(schema: Schema, type: string, where: string): void {
  const bare = withoutNull(schema);
  const list = /^list\[(.*)\]$/.exec(type);
  if (list) {
    expect(bare.type, where).toBe("array");
    expectType(bare.items!, list[1]!, `${where}[]`);
    return;
  }
  const simple: Record<string, string> = { str: "string", int: "integer", float: "number", bool: "boolean" };
  if (simple[type]) expect(bare.type, where).toBe(simple[type]);
  else if (facts.enums[type]) expect(bare.enum, where).toEqual(expect.arrayContaining(facts.enums[type]!));
  else if (facts.models[type]) expect(Object.keys(bare.properties ?? {}), where).toEqual(expect.arrayContaining(Object.keys(facts.models[type]!)));
}

describe("operations", () => {
  it.each(Object.entries(facts.operations))("%s", (id, fact) => {
    const operation = byId.get(id);
    expect(operation, `operation ${id} is missing`).toBeDefined();
    const { method, path, query, body, replies } = operation as Operation;
    expect(`${method} ${path}`).toBe(fact.route);
    expect([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()).toEqual([...fact.path].sort());

    const queried: Schema = query ? plain(query) : {};
    for (const [name, presence] of Object.entries(fact.query)) {
      expect(queried.properties, `query of ${id}`).toHaveProperty(name);
      expect(queried.required?.includes(name) ?? false, `query ${name} of ${id} is required`).toBe(presence === "required");
    }
    expect(body !== undefined, `${id} takes a body`).toBe(fact.body !== null);
    if (fact.body && fact.body !== "object") expectType(plain(body), fact.body, `body of ${id}`);
    const reply = plain(replies[successStatus(operation as Operation)]!);
    if (fact.returns === null) expect(reply.type).toBe("null");
    else if (id !== "get_sample_image_resource_redirect_by_id") expectType(reply, fact.returns, `reply of ${id}`);
  });

  it("has the routes that later clients of the line call", () => {
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(routes).toEqual(expect.arrayContaining(facts.laterRoutes));
  });

  it("has nothing twice, and marks what isn't of protocol 1.2.0", () => {
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(routes).size).toBe(routes.length);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    for (const operation of operations) expect(operation.since === undefined, operation.id).toBe(operation.id in facts.operations);
  });

  it("answers creations with 201 and everything else with 200, 204 or a redirect", () => {
    for (const operation of operations) expect([200, 201, 204, 302], operation.id).toContain(successStatus(operation));
    expect(successStatus(domains.tags.createTagByDatasetId)).toBe(201);
  });
});

describe("models", () => {
  it.each(Object.entries(facts.models))("%s", (name, properties) => {
    if (name === "DatasourceConfigBase" || name === "PredictionSingletonBase") return; // Inside their variants, checked below.
    const schema = model(name);
    for (const [property, [type, presence]] of Object.entries(properties)) {
      expect(schema.properties, name).toHaveProperty([property]);
      expect(schema.required?.includes(property) ?? false, `${name}.${property} is required`).toBe(presence === "required");
      if (!(name === "TagData" && property === "prevTagId")) expectType(schema.properties![property]!, type, `${name}.${property}`);
    }
  });

  it.each(Object.entries(facts.unions))("%s", (name, variants) => {
    const union = model(name);
    const base = Object.entries(facts.models[name === "DatasourceConfig" ? "DatasourceConfigBase" : "PredictionSingletonBase"]!);
    expect(union.anyOf).toHaveLength(Object.keys(variants).length);
    for (const [tag, variant] of Object.entries(variants)) {
      const schema = model(variant);
      expect(schema.properties?.["type"]?.const, variant).toBe(tag);
      for (const [property, [, presence]] of base) {
        expect(schema.properties, variant).toHaveProperty([property]);
        if (property !== "type") expect(schema.required?.includes(property) ?? false, `${variant}.${property} is required`).toBe(presence === "required");
      }
    }
  });

  it.each(Object.entries(facts.enums))("enum %s", (name, values) => {
    expect(model(name).enum).toEqual(expect.arrayContaining(values));
  });

  it("takes null for what a client may leave out of a request", () => {
    const { properties } = model("DatasetCreateRequest");
    expect(properties!["type"]!.anyOf!.map((one) => one.type)).toContain("null");
  });
});
