import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN, id } from "../test/recording-server.ts";
import { ApiError, ApiWorkflowClient, RuntimeError, type UploadedPredictions, ValueError } from "./index.ts";

let server: RecordingServer;
let client: ApiWorkflowClient;
beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.intercept = undefined;
  server.state = { tags: true, samples: true, embeddings: true };
  server.take();
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: { attempts: 1 }, patience: { attempts: 3, pauseMs: 1 } });
});

/** Answers by the end of the path, in the order given; the last one again and again. */
function answers(byPath: Readonly<Record<string, readonly unknown[]>>): void {
  const turns = new Map<string, number>();
  server.intercept = (request, response) => {
    const { pathname } = new URL(request.url!, server.url);
    const key = Object.keys(byPath).find((end) => pathname.endsWith(end));
    if (key === undefined) return false;
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    const answer = byPath[key]![Math.min(turn, byPath[key]!.length - 1)];
    if (typeof answer === "number") response.writeHead(answer).end();
    else response.end(JSON.stringify(answer));
    return true;
  };
}

const sent = (end: string) =>
  server.raw
    .map(({ url, bytes }) => ({ url: new URL(url, server.url), body: bytes.length === 0 ? undefined : (JSON.parse(bytes.toString()) as Record<string, never>) }))
    .filter(({ url }) => url.pathname.endsWith(end))
    .map(({ url, body }) => ({ query: Object.fromEntries([...url.searchParams].filter(([name]) => name !== "token")), body }));

const version = (predictionUUIDTimestamp: number) => ({ predictionUUIDTimestamp, tasks: [] });
const box: UploadedPredictions["singletons"][number] = { type: "OBJECT_DETECTION", categoryId: 1, score: 0.5, bbox: [1, 2, 3, 4] };
const schema = { name: "cars", type: "OBJECT_DETECTION", categories: [{ id: 1, name: "car" }] } as const;

it("schemas make a version, or go to one", async () => {
  const before = Date.now();
  const made = await client.createPredictionTaskSchema({ ...schema, categories: [...schema.categories] });
  expect(made.id).toBe(id(0xff));
  expect(made.predictionUUIDTimestamp).toBeGreaterThanOrEqual(before);
  await client.createPredictionTaskSchema({ ...schema, categories: [...schema.categories] }, { predictionUUIDTimestamp: 5 });
  expect(sent("/predictions/tasks")).toEqual([
    { query: { predictionUUIDTimestamp: String(made.predictionUUIDTimestamp) }, body: schema },
    { query: { predictionUUIDTimestamp: "5" }, body: schema },
  ]);
});

it("tasks are those of the newest version unless one is named", async () => {
  answers({ "/predictions/tasks": [[schema]] });
  expect(await client.getPredictionTasks()).toEqual([schema]);
  await client.getPredictionTasks({ predictionUUIDTimestamp: 0 });
  expect(sent("/predictions/tasks").map(({ query }) => query)).toEqual([{}, { predictionUUIDTimestamp: "0" }]);
});

it("uploads go in portions, to the newest version, and are sent again when the answer is lost", async () => {
  answers({ "/versions": [[version(9), version(3)]], "/bulk": [503, { samples: 2000, singletons: 2000 }, { samples: 1, singletons: 0 }] });
  const progress: number[] = [];
  async function* predictions(): AsyncGenerator<UploadedPredictions> {
    for (let i = 0; i < 2000; i++) yield { fileName: `${i}.jpg`, singletons: [box] };
    yield { sampleId: id(1), singletons: [] };
  }
  expect(await client.uploadPredictions(predictions(), { task: "cars", onProgress: ({ done }) => progress.push(done) })).toEqual({ samples: 2001, singletons: 2000 });
  const requests = sent("/bulk");
  expect(requests.map(({ query, body }) => [query["predictionUUIDTimestamp"], (body as unknown as { predictions: unknown[] }).predictions.length])).toEqual([["9", 2000], ["9", 2000], ["9", 1]]);
  expect(requests[1]!.body).toMatchObject({ taskName: "cars", predictions: expect.arrayContaining([{ fileName: "7.jpg", singletons: [{ ...box, taskName: "cars" }] }]) });
  expect(requests[2]!.body).toEqual({ taskName: "cars", predictions: [{ sampleId: id(1), singletons: [] }] });
  expect(progress).toEqual([2000, 2001]);
});

it("large ones make smaller portions", async () => {
  answers({ "/bulk": [{ samples: 1, singletons: 1 }] });
  const outline = { type: "INSTANCE_SEGMENTATION", categoryId: 0, score: 1, segmentation: "1 ".repeat(3_000_000), taskName: "t" } as const;
  await client.uploadPredictions([0, 1, 2].map((i) => ({ fileName: `${i}`, singletons: [outline] })), { predictionUUIDTimestamp: 1 });
  expect(sent("/bulk").map(({ body }) => (body as unknown as { predictions: unknown[] }).predictions.length)).toEqual([1, 1, 1]);
});

it("what can't be sent is told before anything is", async () => {
  answers({ "/versions": [[]] });
  await expect(client.uploadPredictions([{ fileName: "a.jpg", singletons: [] }])).rejects.toThrow(RuntimeError);
  await expect(client.uploadPredictions([{ fileName: "a.jpg", singletons: [box] }], { predictionUUIDTimestamp: 1 })).rejects.toThrow(ValueError);
  expect(sent("/bulk")).toEqual([]);
  answers({ "/bulk": [404] });
  await expect(client.uploadPredictions([{ fileName: "x.jpg", singletons: [] }], { predictionUUIDTimestamp: 1 })).rejects.toThrow(ApiError);
  expect(sent("/bulk")).toHaveLength(1);
});

it("predictions come with their file names, page by page", async () => {
  const names = Array.from({ length: 4500 }, (_, i) => `${i}.jpg`);
  const page = (count: number) => Array.from({ length: count }, () => [box]);
  answers({ "/versions": [[version(9)]], "/mappings": [names], "/predictions/samples": [page(2000), page(2000), page(500)] });
  const read = async (task?: string) => {
    const found: string[] = [];
    for await (const { fileName, singletons } of client.getPredictions(task)) if (singletons.length === 1) found.push(fileName);
    return found;
  };
  expect(await read("cars")).toEqual(names);
  expect(sent("/predictions/samples").map(({ query }) => query)).toEqual(["0", "2000", "4000"].map((pageOffset) => ({ predictionUUIDTimestamp: "9", pageSize: "2000", pageOffset, taskName: "cars" })));
  // A server that knows no pages.
  server.take();
  answers({ "/versions": [[version(9)]], "/mappings": [names], "/predictions/samples": [page(4500)] });
  expect(await read()).toEqual(names);
  expect(sent("/predictions/samples")).toHaveLength(1);
});
