import type { ConfigurationData } from "@winnow/contract";
import { expect, test } from "vitest";
import { datasetOf, scene, touches } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Metadata configurations", (server) => {
  const entry = { name: "Weather", path: "weather[0].description", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" };

  test("a configuration is kept with every kind of default and belongs to the dataset", async () => {
    const { path } = await scene(server);
    const at = `${path}/configuration/metadata`;
    const configs = [entry, { ...entry, defaultValue: 0, valueDataType: "NUMERIC_INT" }, { ...entry, defaultValue: -1.5, valueDataType: "NUMERIC_FLOAT" }, { ...entry, defaultValue: false, valueDataType: "CATEGORICAL_BOOLEAN" }, { ...entry, defaultValue: "", valueDataType: "OTHER_STRING" }, { ...entry, defaultValue: { a: [1] }, valueDataType: "CATEGORICAL_DATETIME" }];
    const made: { id?: string } = {};
    expect(await touches(server, path, async () => Object.assign(made, await server.call<{ id: string }>("POST", at, { body: { name: "first", configs } })))).toBe(true);
    expect(await server.call("GET", `${at}/${made.id}`)).toEqual({ id: made.id, name: "first", configs, createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) });
    expect((await datasetOf(server, path)).metaDataConfigurationId).toBe(made.id);
    const second = await server.call<{ id: string }>("POST", at, { body: { name: "second", configs: [] } });
    expect((await server.call<ConfigurationData[]>("GET", at)).map(({ id }) => id)).toEqual([made.id, second.id]);
    await server.call("PUT", `${at}/${made.id}`, { body: { name: "changed", configs: [entry] } });
    expect(await server.call("GET", `${at}/${made.id}`)).toMatchObject({ name: "changed", configs: [entry] });
  });

  test("what a configuration must hold", async () => {
    const { path } = await scene(server);
    const at = `${path}/configuration/metadata`;
    const { id } = await server.call<{ id: string }>("POST", at, { body: { name: "good", configs: [entry] } });
    for (const [body, told] of [
      [{ name: "x", configs: [{ ...entry, defaultValue: null }] }, `"configs[0].defaultValue" must not be null`],
      [{ name: "x", configs: [{ ...entry, defaultValue: undefined }] }, `"configs[0].defaultValue" is missing`],
      [{ name: "x", configs: [entry, { ...entry, valueDataType: "STRING" }] }, `"configs[1].valueDataType" must be one of NUMERIC_INT`],
      [{ name: "x", configs: [{ ...entry, path: "" }] }, `"configs[0].path" must have at least 1 characters`],
      [{ name: "x", configs: entry }, `"configs" must be a list`],
      [{ name: "x" }, `"configs" is missing`],
      [{ configs: [] }, `"name" is missing`],
      [{ name: "\udfff", configs: [] }, `"name"`],
      [{ name: "a\0b", configs: [] }, `"name"`],
    ] as const) {
      for (const [method, where] of [["POST", at], ["PUT", `${at}/${id}`]] as const) {
        const { status, message } = await server.refusal(method, where, { body });
        expect(status).toBe(400);
        expect(message).toContain(told);
      }
    }
    for (const number of ["NaN", "1e999"]) expect((await server.refusal("POST", at, { raw: JSON.stringify({ name: "x", configs: [entry] }).replace(`"unknown"`, number) })).message).toContain("configs[0].defaultValue");
  });

  test("unknown and foreign ones are 404", async () => {
    const [a, b] = [await scene(server), await scene(server)];
    const { id } = await server.call<{ id: string }>("POST", `${b.path}/configuration/metadata`, { body: { name: "theirs", configs: [] } });
    for (const other of [id, "0".repeat(24), "x", "%00"]) {
      for (const [method, body] of [["GET", undefined], ["PUT", { name: "x", configs: [] }]] as const) {
        expect(await server.refusal(method, `${a.path}/configuration/metadata/${other}`, { body })).toMatchObject({ status: 404, code: "METADATA_CONFIGURATION_UNKNOWN" });
      }
    }
  });
});
