import type { DockerRunData, DockerRunScheduledData } from "@winnow/contract";
import { expect, test } from "vitest";
import { configurationBody, readTexts, textsOf, valueAt, withKey } from "./configuration-texts.ts";
import { runRows, situation, stagesOf } from "./run-states.ts";
import { templates } from "./templates.ts";

const nothing = { docker: "", lightly: "", selection: "" };

test.each(templates.map((template) => [template.title, template] as const))("template: %s", (_, template) => {
  const { problems } = readTexts(template);
  expect(problems).toEqual({ docker: [], lightly: [], selection: [] });
});

test("problems stand where they are, and beside their field", () => {
  const docker = "enable_training: false,\nstopping_condition: {\n  n_sample: 3,\n},\nmethod: 'corset'";
  const { problems, messages } = readTexts({ ...nothing, docker });
  expect(problems.docker.map(({ at }) => docker.slice(at, at! + 8))).toEqual(expect.arrayContaining(["n_sample", "method: "]));
  expect(problems.docker.find(({ message }) => message.includes("n_sample"))!.message).toContain("n_samples");
  expect([...messages.keys()]).toContain("docker.method");
  expect(readTexts({ ...nothing, lightly: "loader: {" }).problems.lightly).toHaveLength(1);
  expect(readTexts({ ...nothing, selection: "n_samples: 3, strategies: [{ input: { type: 'X' }, strategy: { type: 'DIVERSITY' } }]" }).problems.selection[0]!.message).toContain("strategies[0].input.type");
});

test("one sample and all of them stay apart on the way to the server and back", () => {
  const all = readTexts({ ...nothing, docker: "stopping_condition: { n_samples: 1.0 }" }).written!;
  expect(configurationBody(all)).toBe('{"config":{"workerType":"FULL","docker":{"stopping_condition":{"n_samples":1.0}},"lightly":{}},"creator":"USER_WEBAPP"}');
  expect(textsOf(all).docker).toBe("stopping_condition: {\n  n_samples: 1.0,\n},\n");
  expect(configurationBody(readTexts({ ...nothing, docker: "stopping_condition: { n_samples: 1 }" }).written!)).toContain('"n_samples":1}');
});

test("the form changes one key and leaves the others", () => {
  const text = "method: 'coreset', stoppingCondition: { nSamples: 1.0 }";
  expect(withKey(text, "stopping_condition.n_samples", 5)).toBe("method: 'coreset', stoppingCondition: { nSamples: 5 }");
  expect(withKey("// why\nmethod: 'coreset', // how", "method", "random")).toBe("// why\nmethod: 'random', // how");
  expect(withKey(text, "stopping_condition.n_samples", 2, true)).toContain("nSamples: 2.0");
  expect(withKey("a: 1", "a", "it's")).toBe("a: 'it\\'s'");
  expect(withKey(text, "stopping_condition.n_samples", undefined)).toBe("method: 'coreset',\n");
  expect(withKey("", "a.b", 1, true)).toBe("a: {\n  b: 1.0,\n},\n");
  expect(valueAt({ stoppingCondition: { nSamples: 3 } }, "stopping_condition.n_samples")).toBe(3);
  expect(valueAt({ stopping_condition: 3 }, "stopping_condition.n_samples")).toBeUndefined();
});

const scheduled = (id: string, more: Partial<DockerRunScheduledData> = {}): DockerRunScheduledData => ({ id, datasetId: "", configId: "", priority: "MID", state: "OPEN", createdAt: 1, lastModifiedAt: 1, runsOn: [], ...more });
const run = (id: string, more: Partial<DockerRunData> = {}): DockerRunData => ({ id, dockerVersion: "", state: "STARTED", createdAt: 2, lastModifiedAt: 2, ...more });

test("a scheduled run and its run are one row; a run without a schedule is one, too", () => {
  const rows = runRows([scheduled("s1", { state: "LOCKED" }), scheduled("s2", { createdAt: 5 })], [run("r1", { scheduledId: "s1" }), run("r2", { createdAt: 3 })]);
  expect(rows.map(({ id, run: of }) => [id, of?.id])).toEqual([["s2", undefined], ["r2", "r2"], ["s1", "r1"]]);
  expect(rows.map((row) => situation(row, 0).label)).toEqual(["Waiting", "Started", "Started"]);
  expect(situation(rows[0]!, 0).text).toContain("No worker");
  expect(situation({ ...rows[0]!, scheduled: scheduled("s", { state: "CANCELED" }) }, 1)).toMatchObject({ active: false });
});

test("stages hold their messages and how long they took", () => {
  const messages = [
    { ts: 10, state: "STARTED", log: "Hello" },
    { ts: 20, state: "EMBEDDING", log: "begins" },
    { ts: 25, state: "EMBEDDING", log: "half" },
    { ts: 40, state: "FAILED", log: "Too bad" },
  ] as const;
  expect(stagesOf(run("r", { state: "FAILED", messages: [...messages] }), 100).map(({ state, tookMs, messages: told }) => [state, tookMs, told.length])).toEqual([["STARTED", 10, 1], ["EMBEDDING", 20, 2], ["FAILED", undefined, 1]]);
  expect(stagesOf(run("r", { state: "EMBEDDING", messages: messages.slice(0, 2) }), 100).at(-1)!.tookMs).toBe(80);
  expect(stagesOf(run("r"), 0)).toEqual([]);
});
