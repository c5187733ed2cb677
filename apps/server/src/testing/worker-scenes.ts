/** What tests of compute workers begin with. */
import type { DockerRunData, DockerRunScheduledData, DockerRunState } from "@winnow/contract";
import { freshName, type Scene } from "./scenes.ts";
import type { Account, Refusal, RequestOptions, ServerUnderTest } from "./server-under-test.ts";

type Options = Pick<RequestOptions, "token">;

/** A worker with a session, of the owner unless told otherwise. */
export interface WorkerScene {
  readonly id: string;
  readonly sessionId: string;
  readonly options: Options;
}

export async function addWorker(server: ServerUnderTest, { labels, user, name = freshName("worker") }: { labels?: string[]; user?: Account; name?: string } = {}): Promise<WorkerScene> {
  const options = user ? { token: user.token } : {};
  const { id } = await server.call<{ id: string }>("POST", "/v1/docker/worker", { ...options, body: { name, workerType: "FULL", ...(labels && { labels }) } });
  const { sessionId } = await server.call<{ sessionId: string }>("POST", `/v1/docker/worker/${id}/sessions`, { ...options, body: { version: "1.0", host: "here" } });
  return { id, sessionId, options };
}

export async function addConfiguration(server: ServerUnderTest, docker: object = {}, options: Options = {}): Promise<string> {
  return (await server.call<{ id: string }>("POST", "/v1/docker/worker/config", { ...options, body: { config: { workerType: "FULL", docker } } })).id;
}

export async function schedule(server: ServerUnderTest, { path }: Pick<Scene, "path">, more: object = {}, options: Options = {}): Promise<string> {
  const configId = await addConfiguration(server, {}, options);
  return (await server.call<{ id: string }>("POST", `${path}/docker/worker/schedule`, { ...options, body: { configId, priority: "MID", ...more } })).id;
}

export async function offered(server: ServerUnderTest, worker: WorkerScene, state?: string): Promise<string[]> {
  return (await server.call<DockerRunScheduledData[]>("GET", `/v1/docker/worker/${worker.id}/schedule`, { ...worker.options, query: { sessionId: worker.sessionId, ...(state && { state }) } })).map(({ id }) => id);
}

function moving({ path }: Pick<Scene, "path">, worker: WorkerScene, scheduledId: string, state: string) {
  return ["PUT", `${path}/docker/worker/${worker.id}/schedule/${scheduledId}`, { ...worker.options, query: { sessionId: worker.sessionId }, body: { state } }] as const;
}

/** Locks, renews, finishes or gives back. */
export async function move(server: ServerUnderTest, scene: Pick<Scene, "path">, worker: WorkerScene, scheduledId: string, state: string): Promise<void> {
  await server.call(...moving(scene, worker, scheduledId, state));
}

export function moveRefused(server: ServerUnderTest, scene: Pick<Scene, "path">, worker: WorkerScene, scheduledId: string, state: string): Promise<Refusal> {
  return server.refusal(...moving(scene, worker, scheduledId, state));
}

/** Locks a scheduled run and begins it. @returns the run */
export async function begin(server: ServerUnderTest, scene: Pick<Scene, "path">, worker: WorkerScene, scheduledId: string): Promise<string> {
  await move(server, scene, worker, scheduledId, "LOCKED");
  return (await server.call<{ id: string }>("POST", "/v1/docker/runs", { ...worker.options, query: { sessionId: worker.sessionId }, body: { dockerVersion: "1.0", scheduledId } })).id;
}

export async function report(server: ServerUnderTest, runId: string, state: DockerRunState, message?: string, worker?: WorkerScene): Promise<void> {
  await server.call("PUT", `/v1/docker/runs/${runId}`, { ...worker?.options, query: { sessionId: worker?.sessionId }, body: { state, ...(message !== undefined && { message }) } });
}

export async function runOf(server: ServerUnderTest, runId: string, options: Options = {}): Promise<DockerRunData> {
  return server.call<DockerRunData>("GET", `/v1/docker/runs/${runId}`, options);
}
