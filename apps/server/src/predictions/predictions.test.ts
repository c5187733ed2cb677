import type { PredictionSingleton, PredictionSingletons, PredictionTaskSchema, PredictionVersion } from "@winnow/contract";
import { expect, test } from "vitest";
import { addSamples, scene, touches, until, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const cars: PredictionTaskSchema = { name: "cars", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "car" }, { id: 7, name: "bus" }] };
const scenes: PredictionTaskSchema = { name: "scene/type:v1", type: "CLASSIFICATION", categories: [{ id: 1, name: "street" }, { id: 2, name: "field" }] };
const outlines: PredictionTaskSchema = { name: "outlines", type: "INSTANCE_SEGMENTATION", categories: [{ id: 0, name: "car" }] };
const poses: PredictionTaskSchema = { name: "poses", type: "KEYPOINT_DETECTION", categories: [{ id: 0, name: "person" }] };

const box = (x: number, more: object = {}): PredictionSingleton => ({ type: "OBJECT_DETECTION", taskName: "cars", categoryId: 7, score: 0.5, bbox: [x, 2, 3, 4], ...more });
const kind = (more: object = {}): PredictionSingleton => ({ type: "CLASSIFICATION", taskName: scenes.name, categoryId: 1, score: 0.25, ...more });

describeServer("Predictions", (server) => {
  const at = (predictionUUIDTimestamp: number, more: object = {}) => ({ query: { predictionUUIDTimestamp, ...more } });

  async function withTasks(samples = 3, tasks: readonly PredictionTaskSchema[] = [cars, scenes], timestamp = 1000): Promise<Scene> {
    const made = await scene(server, samples);
    for (const body of tasks) await server.call("POST", `${made.path}/predictions/tasks`, { ...at(timestamp), body });
    return made;
  }
  const ofSample = (made: Scene, ordinal: number, timestamp = 1000) => server.call<PredictionSingletons>("GET", `${made.path}/predictions/samples/${made.sampleIds[ordinal]}`, at(timestamp));
  const store = (made: Scene, ordinal: number, body: readonly PredictionSingleton[], timestamp = 1000) => server.call<{ id: string }>("POST", `${made.path}/predictions/samples/${made.sampleIds[ordinal]}`, { ...at(timestamp), body });
  const all = (made: Scene, timestamp = 1000, more: object = {}) => server.call<PredictionSingletons[]>("GET", `${made.path}/predictions/samples`, at(timestamp, more));
  const versions = (made: Scene) => server.call<PredictionVersion[]>("GET", `${made.path}/predictions/versions`);

  test("schemas belong to a version; the newest is given where none is named", async () => {
    const made = await scene(server);
    const path = `${made.path}/predictions/tasks`;
    expect(await server.call("GET", path)).toEqual([]);
    const made1: { id?: string } = {};
    expect(await touches(server, made.path, async () => Object.assign(made1, await server.call<{ id: string }>("POST", path, { ...at(1000), body: scenes })))).toBe(true);
    await server.call("POST", path, { ...at(1000), body: cars });
    await server.call("POST", path, { ...at(2000), body: outlines });
    expect(await server.call("GET", path, at(1000))).toEqual([cars, scenes]);
    expect(await server.call("GET", path)).toEqual([outlines]);
    expect(await server.call("GET", path, at(1500))).toEqual([]);
    expect(await server.call("GET", `${path}/${encodeURIComponent(scenes.name)}`, at(1000))).toEqual(scenes);
    // The same task again is a change of it.
    const renamed = { ...scenes, type: "OBJECT_DETECTION", categories: [{ id: 5, name: "beach" }] };
    expect(await server.call("POST", path, { ...at(1000), body: renamed })).toEqual(made1);
    expect(await server.call("GET", `${path}/${encodeURIComponent(scenes.name)}`, at(1000))).toEqual(renamed);
  });

  test("what a schema must hold", async () => {
    const { path } = await scene(server);
    const twice = (categories: object[]) => ({ ...cars, categories });
    for (const [body, code, told] of [
      [twice([{ id: 1, name: "a" }, { id: 1, name: "b" }]), "PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", `"categories[1].id"`],
      [twice([{ id: 1, name: "a" }, { id: 2, name: "a" }]), "PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", `"categories[1].name"`],
      [twice([{ name: "a" }]), "BAD_REQUEST", `"categories[0].id" is missing`],
      [twice([{ id: 1, name: null }]), "BAD_REQUEST", `"categories[0].name" is missing`],
      [twice([{ id: -1, name: "a" }]), "BAD_REQUEST", `"categories[0].id"`],
      [twice([{ id: 1e300, name: "a" }]), "BAD_REQUEST", `"categories[0].id"`],
      [twice([{ id: 1, name: "a\0" }]), "BAD_REQUEST", `"categories[0].name"`],
      [{ ...cars, type: "SEMANTIC_SEGMENTATION" }, "BAD_REQUEST", `"type" must be one of`],
      [{ ...cars, name: "a b" }, "BAD_REQUEST", `"name" must match`],
      [{ ...cars, name: "" }, "BAD_REQUEST", `"name"`],
      [{}, "BAD_REQUEST", "is missing"],
    ] as const) {
      const refused = await server.refusal("POST", `${path}/predictions/tasks`, { ...at(1), body });
      expect(refused).toMatchObject({ status: 400, code, message: expect.stringContaining(told) });
    }
    for (const query of [{}, { predictionUUIDTimestamp: -1 }, { predictionUUIDTimestamp: 1.5 }, { predictionUUIDTimestamp: "9".repeat(30) }] as Record<string, string | number>[]) {
      expect((await server.refusal("POST", `${path}/predictions/tasks`, { query, body: cars })).message).toContain("predictionUUIDTimestamp");
    }
  });

  test("while there are predictions, only names may change", async () => {
    const made = await withTasks();
    const path = `${made.path}/predictions/tasks`;
    await store(made, 0, [box(1)]);
    for (const change of [{ type: "CLASSIFICATION" }, { categories: [...cars.categories, { id: 9, name: "x" }] }, { categories: [cars.categories[0]!] }]) {
      expect(await server.refusal("POST", path, { ...at(1000), body: { ...cars, ...change } })).toMatchObject({ status: 409, code: "ILLEGAL_ACTION_RESOURCE_IN_USE" });
    }
    const renamed = { ...cars, categories: [{ id: 7, name: "coach" }, { id: 0, name: "car" }] };
    await server.call("POST", path, { ...at(1000), body: renamed });
    expect(await server.call("GET", `${path}/cars`, at(1000))).toEqual(renamed);
    await store(made, 0, []);
    await server.call("POST", path, { ...at(1000), body: { ...cars, type: "CLASSIFICATION" } });
  });

  test("every kind of singleton comes back as it was sent", async () => {
    const made = await withTasks(2, [cars, scenes, outlines, poses]);
    const sent: PredictionSingleton[] = [
      box(-5, { probabilities: [0.25, 0.75], cropDatasetId: made.id, cropSampleId: made.sampleIds[1] }),
      box(1, { score: 1e-7 }),
      { type: "INSTANCE_SEGMENTATION", taskName: "outlines", categoryId: 0, score: 1, segmentation: `2 2 1 {"categoryId":3} ü \\"` },
      { type: "KEYPOINT_DETECTION", taskName: "poses", categoryId: 0, score: 0, keypoints: [1, 2, 1, 3, 4, 0], probabilities: [1] },
      kind({ probabilities: [0.5, 0.5] }),
    ];
    const moved = await touches(server, made.path, async () => expect(await store(made, 0, sent)).toEqual({ id: made.sampleIds[0] }));
    expect(moved).toBe(true);
    expect(await ofSample(made, 0)).toEqual(sent);
    expect(await ofSample(made, 1)).toEqual([]);
    // What the contract doesn't list isn't kept, nor is null.
    await store(made, 1, [box(1, { other: 1, probabilities: null, cropSampleId: null })]);
    expect(await ofSample(made, 1)).toEqual([box(1)]);
  });

  test("those of the tasks that are named are replaced, others stay; none at all removes", async () => {
    const made = await withTasks();
    await store(made, 0, [box(1), box(2), kind()]);
    await store(made, 0, [box(3)]);
    expect(await ofSample(made, 0)).toEqual([box(3), kind()]);
    await store(made, 1, [kind()]);
    await store(made, 0, []);
    expect(await ofSample(made, 0)).toEqual([]);
    expect(await ofSample(made, 1)).toEqual([kind()]);
    expect(await versions(made)).toEqual([{ predictionUUIDTimestamp: 1000, tasks: [{ name: "cars", type: "OBJECT_DETECTION", samples: 0, singletons: 0 }, { name: scenes.name, type: "CLASSIFICATION", samples: 1, singletons: 1 }] }]);
  });

  test("versions are kept apart, and counted", async () => {
    const made = await withTasks();
    await server.call("POST", `${made.path}/predictions/tasks`, { ...at(2000), body: cars });
    await store(made, 0, [box(1), box(2)]);
    await store(made, 0, [box(9)], 2000);
    expect(await ofSample(made, 0)).toEqual([box(1), box(2)]);
    expect(await ofSample(made, 0, 2000)).toEqual([box(9)]);
    expect(await ofSample(made, 0, 3000)).toEqual([]);
    expect((await versions(made)).map((version) => [version.predictionUUIDTimestamp, ...version.tasks.map(({ name, samples, singletons }) => [name, samples, singletons])])).toEqual([
      [2000, ["cars", 1, 1]],
      [1000, ["cars", 1, 2], [scenes.name, 0, 0]],
    ]);
  });

  test("all samples in order, by task, in pages", async () => {
    const made = await withTasks(5);
    expect(await all(made)).toEqual([[], [], [], [], []]);
    await store(made, 3, [kind(), box(3)]);
    await store(made, 1, [box(1)]);
    expect(await all(made)).toEqual([[], [box(1)], [], [box(3), kind()], []]);
    expect(await all(made, 1000, { taskName: scenes.name })).toEqual([[], [], [], [kind()], []]);
    expect(await all(made, 1000, { pageSize: 2, pageOffset: 2 })).toEqual([[], [box(3), kind()]]);
    expect(await all(made, 1000, { pageSize: 9, pageOffset: 4 })).toEqual([[]]);
    expect(await all(made, 1000, { pageOffset: 5 })).toEqual([]);
    expect(await all(made, 77)).toEqual([[], [], [], [], []]);
  });

  test("unknown samples and tasks are 404, also those of another dataset or version", async () => {
    const [made, other] = [await withTasks(1), await withTasks(1, [outlines])];
    const samples = `${made.path}/predictions/samples`;
    for (const id of [other.sampleIds[0]!, "0".repeat(24), "x", "%00"]) {
      expect(await server.refusal("GET", `${samples}/${id}`, at(1000))).toMatchObject({ status: 404, code: "SAMPLE_UNKNOWN" });
      expect(await server.refusal("POST", `${samples}/${id}`, { ...at(1000), body: [] })).toMatchObject({ status: 404, code: "SAMPLE_UNKNOWN" });
    }
    const unknownTask = { status: 404, code: "PREDICTION_TASK_SCHEMA_UNKNOWN" };
    for (const [name, timestamp] of [["outlines", 1000], ["cars", 2000], ["Cars", 1000]] as const) {
      expect(await server.refusal("GET", `${made.path}/predictions/tasks/${name}`, at(timestamp))).toMatchObject(unknownTask);
      expect(await server.refusal("GET", samples, at(timestamp, { taskName: name }))).toMatchObject(unknownTask);
      expect(await server.refusal("POST", `${samples}/${made.sampleIds[0]}`, { ...at(timestamp), body: [box(1, { taskName: name })] })).toMatchObject(unknownTask);
      expect(await server.refusal("POST", `${made.path}/predictions/bulk`, { ...at(timestamp), body: { taskName: name, predictions: [] } })).toMatchObject(unknownTask);
    }
    expect(await server.refusal("GET", `${made.path}/predictions/tasks/%00`, at(1000))).toMatchObject(unknownTask);
  });

  test("singletons are held against the schema of their task", async () => {
    const made = await withTasks(2, [cars, scenes, poses]);
    for (const [body, told] of [
      [[box(1), box(1, { categoryId: 3 })], `"[1].categoryId" must be a category of the task "cars", got 3`],
      [[kind({ taskName: "cars" })], `"[0].type" must be OBJECT_DETECTION`],
      [[box(1, { probabilities: [1] })], `"[0].probabilities" must have one number for each of the 2 categories`],
      [[box(1, { probabilities: [2, 0] })], `"[0].probabilities[0]" must be at most 1`],
      [[box(1), box(1, { bbox: [1, 2, 3] })], `"[1].bbox" must have at least 4 entries`],
      [[box(1, { bbox: [1, 2, 3, 4.5] })], `"[0].bbox[3]" must be a whole number`],
      [[box(1, { score: 1.5 })], `"[0].score" must be at most 1`],
      [[box(1, { categoryId: undefined })], `"[0].categoryId" is missing`],
      [[box(1, { type: undefined })], `"[0].type" is missing`],
      [[box(1, { type: "SEMANTIC_SEGMENTATION" })], `"[0].type" must be one of CLASSIFICATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION, KEYPOINT_DETECTION, got "SEMANTIC_SEGMENTATION"`],
      [[null], `"[0]" must be an object`],
      [[{ type: "KEYPOINT_DETECTION", taskName: "poses", categoryId: 0, score: 1, keypoints: [1, 2, 3, 4] }], `"[0].keypoints"`],
      [{}, "must be a list"],
    ] as const) {
      const refused = await server.refusal("POST", `${made.path}/predictions/samples/${made.sampleIds[0]}`, { ...at(1000), body });
      expect(refused).toMatchObject({ status: 400, code: "BAD_REQUEST", message: expect.stringContaining(told) });
    }
    expect(await all(made)).toEqual([[], []]);
  });

  test("many at once, by id or name; all or none", async () => {
    const made = await withTasks(4);
    const bulk = `${made.path}/predictions/bulk`;
    const body = { predictions: [{ sampleId: made.sampleIds[2], singletons: [box(2), kind()] }, { fileName: "0.jpg", singletons: [box(0)] }] };
    expect(await server.call("POST", bulk, { ...at(1000), body })).toEqual({ samples: 2, singletons: 3 });
    expect(await all(made)).toEqual([[box(0)], [], [box(2), kind()], []]);
    // With a task, a sample without any is known to have none of it.
    const detected = { taskName: "cars", predictions: [{ fileName: "2.jpg", singletons: [] }, { fileName: "3.jpg", singletons: [box(3)] }] };
    expect(await server.call("POST", bulk, { ...at(1000), body: detected })).toEqual({ samples: 2, singletons: 1 });
    expect(await all(made)).toEqual([[box(0)], [], [kind()], [box(3)]]);
    expect((await versions(made))[0]!.tasks[0]).toMatchObject({ samples: 3, singletons: 2 });

    const good = { fileName: "1.jpg", singletons: [box(1)] };
    for (const [predictions, more, status, told] of [
      [[good, { fileName: "9.jpg", singletons: [] }], {}, 404, `"predictions[1]" is about "9.jpg"`],
      [[good, { sampleId: "0".repeat(24), singletons: [] }], {}, 404, `"predictions[1]"`],
      [[good, { fileName: "a\0", singletons: [] }], {}, 404, `"predictions[1]"`],
      [[good, { sampleId: made.sampleIds[1], singletons: [] }], {}, 400, `"predictions[1]" is about a sample that stands there already`],
      [[good, { singletons: [] }], {}, 400, `"predictions[1]" must name its sample`],
      [[good, { fileName: "0.jpg", singletons: [box(1, { categoryId: 1 })] }], {}, 400, `"predictions[1].singletons[0].categoryId"`],
      [[good, { fileName: "0.jpg", singletons: [kind()] }], { taskName: "cars" }, 400, `"predictions[1].singletons[0].taskName" must be cars`],
      [Array.from({ length: 10_001 }, () => good), {}, 400, "at most 10000 entries"],
    ] as const) {
      expect(await server.refusal("POST", bulk, { ...at(1000), body: { predictions, ...more } })).toMatchObject({ status, message: expect.stringContaining(told) });
    }
    expect((await all(made))[1]).toEqual([]);
    expect(await server.call("POST", bulk, { ...at(1000), body: { predictions: [] } })).toEqual({ samples: 0, singletons: 0 });
  });

  test("a stranger sees nothing, a shared user may write", async () => {
    const made = await withTasks(1);
    const [stranger, shared] = [await server.addUser(), await server.addUser()];
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [shared.email] } });
    for (const [method, path, body] of [["GET", "samples", undefined], ["GET", "versions", undefined], ["GET", "tasks", undefined], ["POST", "tasks", cars], ["POST", "bulk", { predictions: [] }], ["POST", `samples/${made.sampleIds[0]}`, [box(1)]]] as const) {
      expect(await server.refusal(method, `${made.path}/predictions/${path}`, { ...at(1000), body, token: stranger.token })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
      await server.call(method, `${made.path}/predictions/${path}`, { ...at(1000), body, token: shared.token });
    }
    expect(await all(made)).toEqual([[box(1)]]);
  });

  test("a dataset's predictions go with it", async () => {
    const made = await withTasks(3);
    const kept = await withTasks(1);
    await store(made, 0, [box(1), kind()]);
    await store(made, 2, [box(1)]);
    await store(kept, 0, [box(5)]);
    const db = await server.openDatabase();
    try {
      const task = await db.selectFrom("prediction_tasks").select("number").where("dataset_id", "=", made.id).execute();
      const left = () => db.selectFrom("predictions").select("ordinal").where("task", "in", task.map(({ number }) => number)).execute();
      expect(await left()).toHaveLength(3);
      await server.call("DELETE", made.path);
      await until("the predictions go", async () => (await left()).length === 0);
      await until("the tasks go", async () => (await db.selectFrom("prediction_tasks").select("id").where("dataset_id", "=", made.id).execute()).length === 0);
      expect(await all(kept)).toEqual([[box(5)]]);
    } finally {
      await db.destroy();
    }
  });

  test("many samples with three boxes each are written and read", { timeout: 120_000 }, async () => {
    // As many again would only take time: what grows with their number is the same on both.
    const total = server.database === "sqlite" ? 100_000 : 20_000;
    const made = await scene(server);
    for (let from = 0; from < total; from += 10_000) await addSamples(server, made.path, Array.from({ length: 10_000 }, (_, i) => ({ fileName: `folder/${from + i}.jpg` })));
    await server.call("POST", `${made.path}/predictions/tasks`, { ...at(1), body: cars });
    const boxes = (ordinal: number) => [box(ordinal), box(ordinal + 1, { probabilities: [0.25, 0.75] }), box(7, { categoryId: 0 })];
    for (let from = 0; from < total; from += 10_000) {
      // Plain requests: holding each reply to the contract would take longer than the server does.
      const predictions = Array.from({ length: 10_000 }, (_, i) => ({ fileName: `folder/${from + i}.jpg`, singletons: boxes(from + i) }));
      expect((await server.send("POST", `${made.path}/predictions/bulk`, { ...at(1), body: { taskName: "cars", predictions } })).body).toEqual({ samples: 10_000, singletons: 30_000 });
    }
    const reply = await server.send("GET", `${made.path}/predictions/samples`, at(1));
    const read = reply.body as PredictionSingletons[];
    expect(read).toHaveLength(total);
    for (const ordinal of [0, 1, 1_999, 2_000, 14_321, total - 1]) expect(read[ordinal]).toEqual(boxes(ordinal));
    expect((await versions(made))[0]!.tasks[0]).toMatchObject({ samples: total, singletons: 3 * total });
  });
});
