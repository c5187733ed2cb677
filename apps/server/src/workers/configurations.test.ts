import type { DockerWorkerConfigData, RunConfigurationReview, WrittenRunConfiguration } from "@winnow/contract";
import { readRunConfiguration } from "@winnow/contract";
import { expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addConfiguration, schedule } from "../testing/worker-scenes.ts";

const url = "/v1/docker/worker/config";

describeServer("Run configurations", (server) => {
  const create = (config: object, path = url) => server.call<{ id: string }>("POST", path, { body: { config: { workerType: "FULL", ...config } } });
  const refusal = (config: object) => server.refusal("POST", url, { body: { config: { workerType: "FULL", ...config } } });

  test("is read back as it was sent, in the user's spelling, by both routes", async () => {
    const config = { workerType: "FULL", docker: { enable_corruptness_check: true, stoppingCondition: { n_samples: 0.1, minDistance: -1 }, checkpoint: null }, lightly: { optimizer: { lr: 1, weight_decay: 0.00001 } } };
    for (const path of [url, `${url}/v2`]) {
      const { id } = await create(config, path);
      for (const at of [`${url}/${id}`, `${url}/v2/${id}`]) expect(await server.call(("GET"), at)).toMatchObject({ id, config, createdAt: expect.any(Number) });
      expect((await server.call<DockerWorkerConfigData[]>("GET", url)).find((one) => one.id === id)?.config).toEqual(config);
    }
    const { id } = await create({});
    expect((await server.call<DockerWorkerConfigData>("GET", `${url}/${id}`)).config).toEqual({ workerType: "FULL" });
  });

  test("1 and 1.0 stay apart, on the wire and in what the worker reads", async () => {
    const raw = (number: string) => `{"config": {"workerType": "FULL", "docker": {"stopping_condition": {"n_samples": ${number}}}, "lightly": {"optimizer": {"lr": 2.0}}}}`;
    for (const [number, wanted] of [["1", { count: 1 }], ["1.0", { share: 1 }], ["1e0", { share: 1 }], ["10", { count: 10 }]] as const) {
      const { id } = await server.call<{ id: string }>("POST", url, { raw: raw(number) });
      const wire = (await server.request("GET", `${url}/${id}`)).bytes.toString();
      expect(wire).toContain(`"n_samples":${number === "1e0" ? "1.0" : number}}`);
      expect(wire).toContain(`"lr":2.0`);
      const { config, decimals } = await server.call<WrittenRunConfiguration>("GET", `${url}/${id}/written`);
      expect(readRunConfiguration({ ...config, decimals }).docker.stoppingCondition.nSamples).toEqual(wanted);
      expect((await server.request("GET", url)).bytes.toString()).toContain(`"n_samples":${number === "1e0" ? "1.0" : number}}`);
    }
  });

  test("everything wrong is named in one message", async () => {
    expect(await refusal({ docker: { enable_corruptnes_check: true, stopping_condition: { n_samples: 1.5 } }, lightly: { loader: { batch_size: "16" } }, selection: { strategies: [] } })).toMatchObject({
      status: 400,
      code: "BAD_REQUEST",
      message: expect.stringMatching(/docker\.enable_corruptnes_check: there is no such key; did you mean enable_corruptness_check\?.*docker\.stopping_condition\.n_samples: must be.*got 1\.5.*lightly\.loader\.batch_size: must be a whole number of at least 1, got "16".*selection: needs exactly one/),
    });
    expect((await refusal({ docker: { enable_training: true } })).message).toContain("training isn't supported");
    expect((await refusal({ dockr: {} })).message).toContain(`"config.dockr" is unknown`);
    expect((await refusal({ workerType: "HALF" })).message).toContain("config.workerType");
    expect((await refusal({ docker: [] })).status).toBe(400);
    expect(await server.refusal("POST", url, { raw: `{"config":{"workerType":"FULL","docker":{"object_level":{"padding":NaN}}}}` })).toMatchObject({ status: 400, message: expect.stringContaining("config.docker.object_level.padding") });
    expect((await refusal({ docker: { datapool: { name: "\u0000" } } })).status).toBe(400);
  });

  test("a token in it is refused without being repeated", async () => {
    const { status, message } = await refusal({ docker: { token: "a very secret token" } });
    expect(status).toBe(400);
    expect(message).toContain("docker.token");
    expect(message).not.toContain("very secret");
  });

  test("can be looked over without being kept", async () => {
    const count = (await server.call<unknown[]>("GET", url)).length;
    const review = await server.call<RunConfigurationReview>("POST", `${url}/review`, { body: { config: { workerType: "FULL", docker: { selected_sequence_length: 5, scorrer: "" } } } });
    expect(review).toEqual({ problems: [{ path: "docker.scorrer", message: "there is no such key; did you mean scorer?" }], notices: [expect.stringContaining("switched off"), expect.stringContaining("Nothing limits")] });
    expect(await server.call("GET", url)).toHaveLength(count);
  });

  test("changes only as long as nothing has been scheduled with it", async () => {
    const id = await addConfiguration(server, { method: "random" });
    const body = { config: { workerType: "FULL", docker: { method: "coreset" } } };
    await server.call("PUT", `${url}/${id}`, { body });
    expect((await server.call<DockerWorkerConfigData>("GET", `${url}/${id}`)).config).toEqual(body.config);
    expect((await server.refusal("PUT", `${url}/${id}`, { body: { config: { workerType: "FULL", docker: { metod: "" } } } })).message).toContain("docker.metod");
    const made = await scene(server);
    await server.call("POST", `${made.path}/docker/worker/schedule`, { body: { configId: id, priority: "LOW" } });
    expect(await server.refusal("PUT", `${url}/${id}`, { body })).toMatchObject({ status: 409, code: "DOCKER_WORKER_CONFIG_IN_USE" });
  });

  test("belongs to its user, and is shown to those who may see a dataset that it was scheduled on", async () => {
    const [friend, stranger] = [await server.addUser(), await server.addUser()];
    const made = await scene(server);
    const own = await addConfiguration(server);
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [friend.email] } });
    const scheduled = await schedule(server, made);
    const rows = await server.call<{ id: string; configId: string }[]>("GET", `${made.path}/docker/worker/schedule`);
    const used = rows.find(({ id }) => id === scheduled)!.configId;
    await server.call("GET", `${url}/${used}`, { token: friend.token });
    await server.call("GET", `${url}/${used}/written`, { token: friend.token });
    for (const [id, { token }] of [[used, stranger], [own, friend]] as const) expect((await server.refusal("GET", `${url}/${id}`, { token })).code).toBe("DOCKER_WORKER_CONFIG_UNKNOWN");
    expect((await server.refusal("PUT", `${url}/${used}`, { token: friend.token, body: { config: { workerType: "FULL" } } })).code).toBe("DOCKER_WORKER_CONFIG_UNKNOWN");
    for (const id of ["f".repeat(24), "x", "%00"]) expect((await server.refusal("GET", `${url}/${id}`)).code).toBe("DOCKER_WORKER_CONFIG_UNKNOWN");
  });
});
