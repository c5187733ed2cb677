import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it } from "vitest";
import { openApiDocument, operations } from "./index.ts";

it("is a valid OpenAPI document", async () => {
  const result = await new Validator().validate(structuredClone(openApiDocument()));
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
});

it("lists every operation once, with its parameters and its error", () => {
  const document = openApiDocument() as { paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[]; responses: object }>> };
  const listed = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(listed.map(({ operationId }) => operationId).sort()).toEqual(operations.map(({ id }) => id).sort());
  for (const operation of operations) {
    const described = document.paths[operation.path]![operation.method.toLowerCase()]!;
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(described.parameters.filter((one) => one.in === "path").map((one) => one.name)).toEqual(names);
    expect(described.responses).toHaveProperty("default");
  }
});
