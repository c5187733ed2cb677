import type { JobStatusData, SelectionReport, TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, addSamples, addTag, freshName, onLine, scene, tagOrdinals, until, waitForJob, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

interface Entry {
  readonly input: object;
  readonly strategy: object;
}

describeServer("Selection by strategies", (server) => {
  type Made = Scene & { readonly embedding: string };

  /** Samples on a line, at 0, 1, 2 … */
  async function line(samples: number | readonly { fileName: string; metaData?: object; customMetaData?: object }[]): Promise<Made> {
    const made = await scene(server, samples as never);
    return { ...made, embedding: await addEmbedding(server, made, onLine(made.sampleIds.length)) };
  }
  const at = ({ path, embedding }: Made) => `${path}/embeddings/${embedding}/strategySelection`;
  const body = (strategies: readonly Entry[], nSamples: number | undefined, more: object = {}) => ({ newTagName: freshName("tag"), selection: { ...(nSamples === undefined ? {} : { nSamples }), strategies }, ...more });

  async function select(made: Made, strategies: readonly Entry[], nSamples?: number, more: object = {}): Promise<SelectionReport & { order: number[]; job: JobStatusData }> {
    const { jobId } = await server.call<{ jobId: string }>("POST", at(made), { body: body(strategies, nSamples, more) });
    const job = await waitForJob(server, jobId);
    if (job.status !== "FINISHED") throw new Error(job.error);
    const found = await server.call<SelectionReport>("GET", `${made.path}/tags/${job.result!.data as string}/selection`);
    return { ...found, order: found.picks.map(({ ordinal }) => ordinal), job };
  }
  /** What a selection that can't be made is told, by its refusal or its job. */
  async function told(made: Made, strategies: readonly Entry[], more: object = {}): Promise<string> {
    const reply = await server.request("POST", at(made), { body: body(strategies, 2, more) });
    if (reply.status !== 200) return (reply.body as { error: string }).error ?? JSON.stringify(reply.body);
    const job = await waitForJob(server, (reply.body as { jobId: string }).jobId);
    expect(job.status).toBe("FAILED");
    return job.error!;
  }

  const diversity = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } };
  const weights = (input: object, strength = 1) => ({ input, strategy: { type: "WEIGHTS", strength } });
  const score = (name: string, more: object = {}) => ({ type: "SCORES", score: name, ...more });
  const metadata = (key: string) => ({ type: "METADATA", key });

  test("DIVERSITY alone picks what CORESET picks; the report says why, from where, and what it takes to repeat it", async () => {
    const made = await line(9);
    const found = await select(made, [diversity], 4);
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: { newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { nSamples: 4 } } } });
    const coreset = await server.call<SelectionReport>("GET", `${made.path}/tags/${(await waitForJob(server, jobId)).result!.data as string}/selection`);
    for (const column of ["ordinal", "distance", "radius", "fileName", "sampleId"] as const) expect(found.picks.map((pick) => pick[column])).toEqual(coreset.picks.map((pick) => pick[column]));
    expect(found).toMatchObject({ method: "STRATEGIES", nSamples: 4, metric: "euclidean", seed: 0, stopped: "count", filtered: 0, preselected: 0, embeddingId: made.embedding, sources: ['embedding "default"'], inputHash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(found.selection).toMatchObject({ nSamples: 4, strategies: [{ input: { type: "EMBEDDINGS", task: null }, strategy: { type: "DIVERSITY", strength: 1 } }] });
    // What it says it did can be sent again.
    expect((await select(made, found.selection!["strategies"] as Entry[], 4)).inputHash).toBe(found.inputHash);
    const tag = await server.call<TagData>("GET", `${made.path}/tags/${found.tagId}`);
    expect(tag).toMatchObject({ prevTagId: made.tagId, totSize: 9 });
    expect(await tagOrdinals(server, made.path, found.tagId)).toEqual(found.order.toSorted((a, b) => a - b));
  });

  test("query tag, preselected tag, shares of the query, a minimum distance, both spellings", async () => {
    const made = await line(10);
    const preselectedTagId = await addTag(server, made, "chosen", [0, 1]);
    const queryTagId = await addTag(server, made, "some", [2, 3, 4, 5]);
    const found = await select(made, [diversity], 3, { preselectedTagId, queryTagId });
    expect([found.order, found.preselected, found.preselectedTagId, found.queryTagId]).toEqual([[5], 2, preselectedTagId, queryTagId]);
    expect(await tagOrdinals(server, made.path, found.tagId)).toEqual([0, 1, 5]);
    const { jobId } = await server.call<{ jobId: string }>("POST", at(made), { body: { newTagName: freshName("tag"), selection: { proportion_samples: 0.5, strategies: [diversity] }, queryTagId } });
    expect(await tagOrdinals(server, made.path, (await waitForJob(server, jobId)).result!.data as string)).toHaveLength(2);
    const apart = await select(made, [{ ...diversity, strategy: { type: "DIVERSITY", stopping_condition_minimum_distance: 4 } }]);
    expect([apart.stopped, apart.order.length, apart.nSamples]).toEqual(["distance", 3, undefined]);
    const all = await select(made, [diversity], 99);
    expect([all.stopped, all.job.error]).toEqual(["exhausted", "99 samples were wanted, but there are only 10: all of them were taken."]);
  });

  test("SCORES by type and task, THRESHOLD before anything, RANDOM by its seed", async () => {
    const made = await line(6);
    const send = (scoreType: string, scores: number[]) => server.call("POST", `${made.path}/tags/${made.tagId}/scores`, { body: { scoreType, scores } });
    await send("uncertainty_margin", [1, 2, 3, 4, 5, 6]);
    await send("cars/uncertainty_margin", [6, 5, 4, 3, 2, 1]);
    expect((await select(made, [weights(score("uncertainty_margin"))], 3)).order).toEqual([5, 4, 3]);
    const byTask = await select(made, [weights(score("uncertainty_margin", { task: "cars" }))], 3);
    expect([byTask.order, byTask.sources]).toEqual([[0, 1, 2], ['scores "cars/uncertainty_margin"']]);
    // A task whose scores were stored without its name.
    expect((await select(made, [weights(score("uncertainty_margin", { task: "buses" }))], 1)).sources).toEqual(['scores "uncertainty_margin"']);
    const filtered = await select(made, [{ input: score("uncertainty_margin"), strategy: { type: "THRESHOLD", threshold: 3, operation: "SMALLER" } }, diversity], 6);
    expect([filtered.order.toSorted(), filtered.filtered, filtered.stopped, filtered.job.error]).toEqual([[0, 1], 4, "exhausted", "6 samples were wanted, but a THRESHOLD left out 4: all others were taken."]);
    expect(filtered.picks[0]!.shares).toEqual([0, 1]);
    const random = (seed: number, more: object = {}) => select(made, [weights({ type: "RANDOM", ...more })], 6, { seed }).then(({ order }) => order.join());
    expect(await random(1)).toBe(await random(1));
    expect(await random(1, { random_seed: 5 })).toBe(await random(2, { randomSeed: 5 }));
    expect(new Set([await random(1), await random(2), await random(3)]).size).toBeGreaterThan(1);
    expect(await told(made, [weights(score("entropy"))])).toContain('"selection.strategies[0].input.score": there are no scores of type "entropy"');
  });

  test("METADATA by path, by the name of a configured entry with its default, and what was measured", async () => {
    const weather = ["sun", "sun", "sun", "sun", "rain", undefined];
    const made = await line(weather.map((one, i) => ({ fileName: `${i}.jpg`, metaData: { sharpness: i * 10, shape: [i + 1, 4, 3] }, customMetaData: { ...(one && { weather: [{ kind: one }] }), temperature: 5 - i, ok: i === 3 } })));
    expect((await select(made, [weights(metadata("temperature"))], 2)).order).toEqual([0, 1]);
    expect((await select(made, [weights(metadata("sharpness"))], 2)).order).toEqual([5, 4]);
    expect((await select(made, [weights(metadata("shape[0]"), -1)], 2)).order).toEqual([0, 1]);
    const balanced = await select(made, [{ input: metadata("weather[0].kind"), strategy: { type: "BALANCE", target: { sun: 0.5, rain: 0.5 } } }], 2);
    expect([balanced.order.toSorted(), balanced.sources]).toEqual([[0, 4], ["metadata weather[0].kind"]]);
    // A class that nobody has may be aimed at; true and false are classes.
    expect((await select(made, [{ input: metadata("weather[0].kind"), strategy: { type: "BALANCE", target: { snow: 1 } } }], 1)).order).toHaveLength(1);
    expect((await select(made, [{ input: metadata("ok"), strategy: { type: "BALANCE", target: { true: 1 } } }], 1)).order).toEqual([3]);
    await server.call("POST", `${made.path}/configuration/metadata`, { body: { name: "mine", configs: [{ name: "Weather now", path: "weather[0].kind", defaultValue: "fog", valueDataType: "CATEGORICAL_STRING" }] } });
    expect((await select(made, [{ input: metadata("Weather now"), strategy: { type: "BALANCE", target: { fog: 1 } } }], 1)).order).toEqual([5]);
    expect(await told(made, [weights(metadata("humidity"))])).toBe("No sample has a value of the metadata humidity. There are values of weather[0].kind, temperature, ok, sharpness, shape[0], shape[1], shape[2].");
    expect(await told(made, [weights(metadata("weather"))])).toContain("lists or objects");
    expect(await told(made, [weights(metadata("weather[0].kind"))])).toContain("is categorical; BALANCE works on that");
    expect(await told(made, [weights(metadata("a..b"))])).toContain('"selection.strategies[0].input.key"');
    expect(await told(made, [weights(metadata("__proto__.x"))])).toContain("__proto__");
  });

  test("PREDICTIONS: the newest version of a task, classes by name, counts and likelihoods", async () => {
    const made = await line(4);
    const categories = [{ id: 7, name: "car" }, { id: 2, name: "bus" }];
    const store = async (timestamp: number, name: string, type: string, singletons: readonly object[][]) => {
      await server.call("POST", `${made.path}/predictions/tasks`, { query: { predictionUUIDTimestamp: timestamp }, body: { name, type, categories } });
      await server.call("POST", `${made.path}/predictions/bulk`, { query: { predictionUUIDTimestamp: timestamp }, body: { predictions: singletons.map((list, i) => ({ sampleId: made.sampleIds[i], singletons: list.map((one) => ({ type, taskName: name, score: 0.9, ...one })) })) } });
    };
    const box = (categoryId: number) => ({ categoryId, bbox: [0, 0, 1, 1] });
    await store(1, "boxes", "OBJECT_DETECTION", [[box(7)], [box(7)], [box(7)], [box(2)]]);
    await store(2, "boxes", "OBJECT_DETECTION", [[box(7), box(7), box(7)], [box(2), box(2)], [], [box(7), box(2)]]);
    await store(2, "kind", "CLASSIFICATION", [[{ categoryId: 7, probabilities: [0.1, 0.9] }], [{ categoryId: 7, probabilities: [0.4, 0.6] }], [{ categoryId: 2, probabilities: [0.8, 0.2] }], [{ categoryId: 2, probabilities: [1, 0] }]]);
    const count = (task: string, more: object = {}) => ({ type: "PREDICTIONS", task, name: "CATEGORY_COUNT", ...more });
    const classes = (task: string, more: object = {}) => ({ type: "PREDICTIONS", task, name: "CLASS_DISTRIBUTION", ...more });
    expect((await select(made, [weights(count("boxes"))], 4)).order).toEqual([0, 1, 3, 2]);
    expect((await select(made, [weights(count("boxes", { categories: ["bus"] }))], 2)).order).toEqual([1, 3]);
    const older = await select(made, [weights(count("boxes", { categories: ["bus"] }))], 1, { predictionUUIDTimestamp: 1 });
    expect([older.order, older.sources]).toEqual([[3], ['predictions of "boxes", version 1']]);
    expect((await select(made, [{ input: count("boxes"), strategy: { type: "THRESHOLD", threshold: 2, operation: "BIGGER_EQUAL" } }, diversity], 4)).order.toSorted()).toEqual([0, 1, 3]);
    expect((await select(made, [{ input: classes("boxes"), strategy: { type: "BALANCE", distribution: "UNIFORM" } }], 1)).order).toEqual([3]);
    // Half of each: the likelihoods of the second are nearest.
    expect((await select(made, [{ input: classes("kind"), strategy: { type: "BALANCE", target: { car: 0.5, bus: 0.5 } } }], 1)).order).toEqual([1]);
    expect(await told(made, [weights(count("trees"))])).toContain('"selection.strategies[0].input.task": the dataset has no predictions of a task "trees"');
    expect(await told(made, [weights(count("boxes", { categories: ["bus", "tram"] }))])).toContain('has no category "tram"; it has bus, car');
    expect(await told(made, [{ input: classes("boxes"), strategy: { type: "BALANCE", target: { tram: 1 } } }])).toContain('"selection.strategies[0].strategy.target"');
    expect(await told(made, [weights(count("kind"))], { predictionUUIDTimestamp: 1 })).toContain("under the predictionUUIDTimestamp 1");
  });

  test("SIMILARITY to a tag of this dataset or of another that the user may see; TYPICALITY", async () => {
    const made = await line(8);
    await addTag(server, made, "like these", [6]);
    const similar = (more: object) => [{ input: { type: "EMBEDDINGS", ...more }, strategy: { type: "SIMILARITY" } }];
    expect((await select(made, similar({ tagName: "like these" }), 3)).order).toEqual([6, 5, 7]);
    const other = await line(3);
    await addTag(server, other, "theirs", [2]);
    const found = await select(made, similar({ dataset_id: other.id, tag_name: "theirs" }), 2);
    expect([found.order, found.sources![0]]).toEqual([[2, 1], expect.stringContaining('the tag "theirs" of "')]);
    expect((await select(made, [{ input: { type: "EMBEDDINGS" }, strategy: { type: "TYPICALITY", num_nearest_neighbors: 2 } }], 6)).order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await told(made, similar({}))).toContain('"selection.strategies[0].input.tagName" is missing');
    expect(await told(made, similar({ tagName: "nobody" }))).toContain('has no tag "nobody"');
    expect(await told(made, [{ input: { type: "EMBEDDINGS", tagName: "like these" }, strategy: { type: "DIVERSITY" } }])).toContain("only SIMILARITY");
    expect(await told(made, [{ input: { type: "EMBEDDINGS", task: "boxes" }, strategy: { type: "DIVERSITY" } }])).toContain("Select in the dataset of their crops");
    const wide = await scene(server, 1);
    await addEmbedding(server, wide, [[1, 2, 3]]);
    expect(await told(made, similar({ datasetId: wide.id, tagName: "initial-tag" }))).toContain('needs an embedding "default" with 2 columns, made by the same model, to be compared with; it has "default" with 3 columns');
    // What isn't shared looks as if it weren't there.
    const { token } = await server.addUser();
    const foreign = await scene(server, 1, { token });
    expect(await server.refusal("POST", at(made), { body: body(similar({ datasetId: foreign.id, tagName: "initial-tag" }), 1) })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
    expect(await server.refusal("POST", at(made), { body: body([diversity], 1), token })).toMatchObject({ status: 404, code: "DATASET_UNKNOWN" });
  });

  test("several together: shares sum to the gain, and the balance is kept", async () => {
    const made = await line(Array.from({ length: 30 }, (_, i) => ({ fileName: `${i}.jpg`, customMetaData: { kind: i < 27 ? "common" : "rare" } })));
    await server.call("POST", `${made.path}/tags/${made.tagId}/scores`, { body: { scoreType: "s", scores: Array.from({ length: 30 }, (_, i) => i % 7) } });
    const found = await select(made, [diversity, weights(score("s"), 0.5), { input: metadata("kind"), strategy: { type: "BALANCE", distribution: "UNIFORM", strength: 3 } }], 6);
    expect(found.order.filter((ordinal) => ordinal >= 27)).toHaveLength(3);
    for (const { shares, gain } of found.picks) {
      expect(shares).toHaveLength(3);
      expect(gain).toBeCloseTo(shares!.reduce((a, b) => a + b, 0), 12);
    }
    expect(found.sources).toEqual(['embedding "default"', 'scores "s"', "metadata kind"]);
  });

  test("what can't work is refused at once, by the place in the request", async () => {
    const made = await line(4);
    for (const [change, code, sentence] of [
      [{ selection: {} }, "BAD_REQUEST", "selection.strategies: must be a list of at least one strategy"],
      [{ selection: { strategies: [diversity] } }, "BAD_REQUEST", "needs a condition to stop at"],
      [{ selection: { n_sample: 1, strategies: [diversity] } }, "BAD_REQUEST", "did you mean n_samples?"],
      [{ selection: { nSamples: 1, strategies: [{ ...diversity, strategy: { type: "DIVERSE" } }] } }, "BAD_REQUEST", "did you mean DIVERSITY?"],
      [{ selection: [] }, "BAD_REQUEST", `"selection"`],
      [{ selection: undefined }, "BAD_REQUEST", `"selection" is missing`],
      [{ metric: "l1" }, "BAD_REQUEST", `"metric" must be one of euclidean, cosine`],
      [{ newTagName: "initial-tag" }, "TAG_NAME_EXISTS", "initial-tag"],
      [{ queryTagId: "0".repeat(24) }, "TAG_QUERYTAG_NOT_IN_DATASET", "queryTagId"],
      [{ preselectedTagId: "0".repeat(24) }, "TAG_PRESELECTEDTAG_NOT_IN_DATASET", "preselectedTagId"],
      [{ seed: -1 }, "BAD_REQUEST", `"seed" must be at least 0`],
    ] as const) {
      const refusal = await server.refusal("POST", at(made), { body: { ...body([diversity], 2), ...change } });
      expect(refusal.code, JSON.stringify(change)).toBe(code);
      expect(refusal.message).toContain(sentence);
    }
    await addSamples(server, made.path, [{ fileName: "later.jpg" }]);
    await server.call("POST", `${made.path}/tags/upsize`, { body: { upsizeTagName: "the later one", upsizeTagCreator: "USER_PIP" } });
    expect(await server.refusal("POST", at(made), { body: body([diversity], 2) })).toMatchObject({ code: "EMBEDDING_ROW_COUNT_INVALID" });
    // Without vectors in play, samples without vectors may take part.
    expect((await select(made, [weights({ type: "RANDOM" })], 5)).order).toHaveLength(5);
    expect((await select(made, [diversity], 4, { queryTagId: made.tagId })).order).toHaveLength(4);
  });

  test("progress is in the job, and a selection under way can be cancelled", async () => {
    const count = 10_000;
    const made = await scene(server, count);
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const embedding = await addEmbedding(server, made, Array.from({ length: count }, () => Array.from({ length: 12 }, random)));
    const { jobId } = await server.call<{ jobId: string }>("POST", at({ ...made, embedding }), { body: body([{ ...diversity, strategy: { type: "DIVERSITY", strength: -1 } }, weights({ type: "RANDOM" })], count) });
    let seen: JobStatusData | undefined;
    await until("progress", async () => {
      seen = await server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`);
      expect(["WAITING", "RUNNING"]).toContain(seen.status);
      return (seen.meta?.processed ?? 0) > 0;
    });
    expect(seen!.meta).toMatchObject({ total: count });
    await server.call("POST", `/v1/jobs/${jobId}/cancel`);
    expect(await server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`)).toMatchObject({ status: "FAILED", error: "cancelled" });
    // The thread is free again at once: what comes next doesn't wait for the rest.
    const next = await select({ ...made, embedding }, [diversity], 2);
    expect(next.order).toHaveLength(2);
    expect(await server.call<TagData[]>("GET", `${made.path}/tags`)).toHaveLength(2);
  });
}, { threads: 1 });
