import type { DockerRunArtifactCreatedData } from "@winnow/contract";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, report, runOf, schedule } from "../testing/worker-scenes.ts";

const folder = await mkdtemp(join(tmpdir(), "winnow-run-files-"));
afterAll(() => rm(folder, { recursive: true }));

describeServer("Files of runs", (server) => {
  const address = (run: string, name: string, query = {}) => server.call<string>("GET", `/v1/docker/runs/${run}/${name}`, { query });
  async function running() {
    const [made, worker] = [await scene(server), await addWorker(server)];
    return { made, worker, run: await begin(server, made, worker, await schedule(server, made)) };
  }

  test("a report is written, announced and read; before it says why there is none", async () => {
    const { run } = await running();
    expect(await server.refusal("GET", `/v1/docker/runs/${run}/readReportUrl`)).toMatchObject({ status: 404, code: "DOCKER_RUN_REPORT_UNAVAILABLE", message: expect.stringContaining("yet") });
    const write = await address(run, "writeReportUrl");
    expect((await server.open(write, { method: "PUT", raw: "" })).status).toBe(400);
    expect((await runOf(server, run)).reportAvailable).toBe(false);
    expect((await server.open(write, { method: "PUT", raw: "%PDF-1.7 a report" })).status).toBe(200);
    expect((await runOf(server, run)).reportAvailable).toBe(true);
    const read = await server.open(await address(run, "readReportUrl"));
    expect([read.bytes.toString(), read.headers["content-type"]]).toEqual(["%PDF-1.7 a report", expect.stringContaining("application/pdf")]);
    const { run: other } = await running();
    await report(server, other, "FAILED");
    expect((await server.refusal("GET", `/v1/docker/runs/${other}/readReportUrl`)).message).toContain("without a report");
    // A reading address is none for writing, nor for another run's report.
    expect((await server.open(await address(run, "readReportUrl"), { method: "PUT", raw: "x" })).status).toBe(403);
    expect((await server.open(write.replace(run, other), { method: "PUT", raw: "x" })).status).toBe(403);
  });

  test("a report page is shown by browsers, and runs nothing; no other page is shown", async () => {
    const { run, worker } = await running();
    expect(await server.refusal("GET", `/v1/docker/runs/${run}/reportPageReadUrl`)).toMatchObject({ status: 404, code: "DOCKER_RUN_REPORT_UNAVAILABLE" });
    const page = "<!doctype html><title>A report</title><script>alert(1)</script>";
    expect((await server.open(await address(run, "reportPageWriteUrl", { sessionId: worker.sessionId }), { method: "PUT", raw: page })).status).toBe(200);
    const { bytes, headers } = await server.open(await address(run, "reportPageReadUrl"));
    expect(bytes.toString()).toBe(page);
    expect(headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "x-content-type-options": "nosniff" });
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*; sandbox$/);
    expect(headers["content-disposition"]).toBeUndefined();
    const { artifactId, signedWriteUrl } = await server.call<DockerRunArtifactCreatedData>("POST", `/v1/docker/runs/${run}/artifacts`, { body: { fileName: "other.html", type: "LOG" } });
    await server.open(signedWriteUrl, { method: "PUT", raw: page });
    await server.call("PUT", `/v1/docker/runs/${run}/artifacts/${artifactId}/confirmUpload`, { body: {} });
    const other = await server.open(await server.call<string>("GET", `/v1/docker/runs/${run}/artifacts/${artifactId}/readurl`));
    expect([other.headers["content-type"], other.headers["content-disposition"]]).toEqual(["application/octet-stream", expect.stringContaining("attachment")]);
    await report(server, run, "COMPLETED");
    expect(await server.refusal("GET", `/v1/docker/runs/${run}/reportPageWriteUrl`)).toMatchObject({ status: 409, code: "DOCKER_RUN_ENDED" });
  });

  test("of many plans the first stays, whole", async () => {
    const { run, worker } = await running();
    expect(await server.refusal("GET", `/v1/docker/runs/${run}/planReadUrl`)).toMatchObject({ status: 404, code: "DOCKER_RUN_PLAN_UNAVAILABLE" });
    const write = await address(run, "planWriteUrl", { sessionId: worker.sessionId });
    const plans = Array.from({ length: 8 }, (_, i) => JSON.stringify({ plan: i, picks: "x".repeat(200_000) }));
    const answers = await Promise.all(plans.map((raw) => server.open(write, { method: "PUT", raw: Readable.from([raw.slice(0, 1000), raw.slice(1000)]) })));
    const first = answers.findIndex(({ status }) => status === 200);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    expect((await server.open(await address(run, "planReadUrl"))).bytes.toString()).toBe(plans[first]);
    expect((await server.open(write, { method: "PUT", raw: "{}" })).body).toMatchObject({ code: "ILLEGAL_ACTION_RESOURCE_IN_USE", message: expect.stringContaining("Read it") });
  });

  test("artifacts are announced, uploaded, confirmed and read", async () => {
    const { run } = await running();
    const create = (body: object) => server.call<DockerRunArtifactCreatedData>("POST", `/v1/docker/runs/${run}/artifacts`, { body });
    const { artifactId, signedWriteUrl } = await create({ fileName: "report.json", type: "REPORT_JSON" });
    const at = `/v1/docker/runs/${run}/artifacts/${artifactId}`;
    expect((await server.refusal("PUT", `${at}/confirmUpload`, { body: {} })).message).toContain("has not been uploaded");
    expect((await server.refusal("GET", `${at}/readurl`)).status).toBe(404);
    await server.open(signedWriteUrl, { method: "PUT", raw: `{"a":1}` });
    expect((await runOf(server, run)).artifacts).toEqual([]);
    await server.call("PUT", `${at}/confirmUpload`, { body: {} });
    expect((await runOf(server, run)).artifacts).toMatchObject([{ id: artifactId, type: "REPORT_JSON", fileName: "report.json", storageLocation: "LIGHTLY" }]);
    const read = await server.open(await server.call<string>("GET", `${at}/readurl`));
    expect([read.body, read.headers["content-type"]]).toEqual([{ a: 1 }, expect.stringContaining("json")]);
    for (const fileName of ["", "../x", "/x", "x".repeat(300)]) expect((await server.refusal("POST", `/v1/docker/runs/${run}/artifacts`, { body: { fileName, type: "LOG" } })).message).toContain("fileName");
    expect((await server.refusal("GET", `/v1/docker/runs/${run}/artifacts/${"f".repeat(24)}/readurl`)).status).toBe(404);
  });

  test("artifacts may lie in the datasource", async () => {
    const { run, made } = await running();
    const body = { fileName: "model.onnx", type: "CHECKPOINT", storageLocation: "DATASOURCE" };
    expect((await server.refusal("POST", `/v1/docker/runs/${run}/artifacts`, { body })).code).toBe("DATASET_DATASOURCE_UNKNOWN");
    await server.call("PUT", `${made.path}/datasource`, { body: { type: "LOCAL", fullPath: folder, purpose: "INPUT_OUTPUT" } });
    const { artifactId, signedWriteUrl } = await server.call<DockerRunArtifactCreatedData>("POST", `/v1/docker/runs/${run}/artifacts`, { body });
    const at = `/v1/docker/runs/${run}/artifacts/${artifactId}`;
    expect((await server.refusal("PUT", `${at}/confirmUpload`, { body: {} })).status).toBe(400);
    expect((await server.open(signedWriteUrl, { method: "PUT", raw: "weights" })).status).toBe(200);
    await server.call("PUT", `${at}/confirmUpload`, { body: {} });
    expect(await readFile(join(folder, ".lightly/runs", run, "model.onnx"), "utf8")).toBe("weights");
    expect((await server.open(await server.call<string>("GET", `${at}/readurl`))).bytes.toString()).toBe("weights");
  });
}, { allowFolders: [folder] });
