/** The agent sends what the Python one sends, in the same order, and keeps its rules. */
import { readFile } from "node:fs/promises";
import { ScorerClassification, ScorerSemanticSegmentation } from "@winnow/curation";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATASET, type Exchange, RecordingServer, TOKEN, id } from "../../test/recording-server.ts";
import { ActiveLearningAgent, ApiWorkflowClient, RuntimeError, SelectionConfig, TagDoesNotExistError, ValueError, WinnowWarning } from "../index.ts";

type Recorded = Partial<Exchange> & Pick<Exchange, "method" | "path">;
const recorded = JSON.parse(await readFile(new URL("python-exchanges.json", import.meta.url), "utf8")) as Record<string, Recorded[]>;

let server: RecordingServer;
let client: ApiWorkflowClient;
let warnings: WinnowWarning[];
beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(async () => {
  server.intercept = undefined;
  warnings = [];
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, onWarning: (warning) => warnings.push(warning) });
  client.waitTimeTillNextPoll = 0;
  // What Python asks when a client is made, ours asks before its first call.
  await client.getAllTags();
  server.take();
});

const made = async (preselected?: string) => {
  const agent = new ActiveLearningAgent(client, "initial-tag", preselected);
  await agent.ready();
  return agent;
};
const few = new SelectionConfig({ name: "mine", nSamples: 2 });
const predictions = [[0.5, 0.5], [1, 0], [0.75, 0.25]];

/** Each with what happens before the recording begins. */
const scenarios: Record<string, { readonly agent?: string; readonly before?: (agent: ActiveLearningAgent) => Promise<unknown>; readonly run: (agent: ActiveLearningAgent) => Promise<unknown> }> = {
  sets: {
    agent: "child",
    async run(agent) {
      expect(await agent.querySet).toEqual(["a.jpg", "sub/b.png", "c.jpg"]);
      expect(await agent.labeledSet).toEqual(["a.jpg", "c.jpg"]);
      expect(await agent.unlabeledSet).toEqual(["sub/b.png"]);
    },
  },
  query: { run: (agent) => agent.query(few) },
  "query, scorer": { run: (agent) => agent.query(new SelectionConfig({ name: "mine", nSamples: 2, method: "CORAL" }), new ScorerClassification(predictions)) },
  "query, preselected": { agent: "child", run: (agent) => agent.query(new SelectionConfig({ name: "mine", nSamples: 3 })) },
  "query, too few": { agent: "child", run: (agent) => agent.query(new SelectionConfig({ name: "mine", nSamples: 1 })) },
  added: {
    before: (agent) => agent.query(few),
    async run(agent) {
      expect(await agent.addedSet).toEqual(["a.jpg", "c.jpg"]);
    },
  },
};

function complete(exchanges: readonly Recorded[]): Exchange[] {
  return exchanges.map((exchange) => ({ query: {}, token: true, ...exchange }));
}

/** Python reads the names again to word its warning; the answer is known by then. */
function withoutRepetition(exchanges: readonly Recorded[]): readonly Recorded[] {
  return exchanges.filter((exchange, at) => at === 0 || JSON.stringify(exchange) !== JSON.stringify(exchanges[at - 1]));
}

describe("sends what the Python agent sends", () => {
  it("when it is made", async () => {
    await made();
    expect(server.take()).toEqual(complete(recorded["made"]!));
    await made("child");
    expect(server.take()).toEqual(complete(recorded["made, preselected"]!));
    expect(Object.keys(recorded).sort()).toEqual(["made", "made, preselected", ...Object.keys(scenarios)].sort());
  });

  it.each(Object.entries(scenarios))("for %s", async (name, { agent: preselected, before, run }) => {
    const agent = await made(preselected);
    await before?.(agent);
    server.take();
    await run(agent);
    expect(server.take()).toEqual(complete(name === "query, too few" ? withoutRepetition(recorded[name]!) : recorded[name]!));
  });
});

describe("its rules", () => {
  it("looks up nothing before it is used, and complains about tags that aren't there", async () => {
    const agent = new ActiveLearningAgent(client, "no such tag");
    expect(server.exchanges).toEqual([]);
    await expect(agent.querySet).rejects.toThrow(TagDoesNotExistError);
    await expect(new ActiveLearningAgent(client, "initial-tag", "neither").ready()).rejects.toThrow("neither");
  });

  it("has no added set before a query, and asks nobody about it", async () => {
    const agent = await made();
    server.take();
    await expect(agent.addedSet).rejects.toThrow(RuntimeError);
    expect(server.exchanges).toEqual([]);
  });

  it("warns and does nothing when fewer are asked for than are labelled", async () => {
    const agent = await made("child");
    await agent.query(new SelectionConfig({ nSamples: 1 }), new ScorerClassification(predictions));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toBeInstanceOf(WinnowWarning);
    expect(warnings[0]!.message).toContain("1 samples are asked for, but 2 are labelled");
    await expect(agent.addedSet).rejects.toThrow(RuntimeError);
  });

  it("refuses scores of another number than the query set's, and none at all", async () => {
    const agent = await made();
    server.take();
    await expect(agent.query(few, new ScorerClassification(predictions.slice(1)))).rejects.toThrow("the query set has 3 samples, but there are 2 scores");
    await expect(agent.uploadScores(new ScorerSemanticSegmentation([]))).rejects.toThrow(ValueError);
    expect(server.exchanges.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("makes the new tag the preselected one", async () => {
    const agent = await made();
    expect(await agent.labelledSet).toEqual([]);
    await agent.query(few);
    expect(await agent.labelledSet).toEqual(["a.jpg", "c.jpg"]);
    expect(await agent.unlabelledSet).toEqual(["sub/b.png"]);
    server.take();
    await agent.query(new SelectionConfig({ name: "next", nSamples: 3 }));
    expect(server.exchanges.find(({ path }) => path.endsWith("/sampling"))!.body).toMatchObject({ preselectedTagId: id(0xa2) });
    expect(await agent.addedSet).toEqual([]);
  });

  it("stays as it was when a query fails", async () => {
    const agent = await made("child");
    server.intercept = (request, response) => {
      if (!request.url!.includes("/sampling")) return false;
      response.writeHead(400).end();
      return true;
    };
    await expect(agent.query(new SelectionConfig({ name: "mine", nSamples: 3 }))).rejects.toThrow("400");
    await expect(agent.addedSet).rejects.toThrow(RuntimeError);
    expect(await agent.labeledSet).toEqual(["a.jpg", "c.jpg"]);
  });
});
