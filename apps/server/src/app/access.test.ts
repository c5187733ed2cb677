import { operations, type Operation } from "@winnow/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { createToken, revokeToken } from "../accounts/service.ts";
import { accessTable, type Rule } from "../testing/access-table.ts";
import { addEmbedding, onLine, scene } from "../testing/scenes.ts";
import { describeServer, type Account, type ServerUnderTest } from "../testing/server-under-test.ts";
import { addWorker, begin, schedule } from "../testing/worker-scenes.ts";

/** Who asks. */
const callers = [
  "nobody",
  "wrong token",
  "revoked token",
  "expired token",
  "signature of another object",
  "public token of another dataset",
  "public token",
  "stranger",
  "viewer",
  "viewer by team",
  "editor by the protocol's sharing",
  "editor",
  "another owner",
  "maker",
  "maker by session",
  "maker by session of another site",
  "maker's reading token",
  "maker's session of a reading token",
  "maker's token of this dataset",
  "maker's token of another dataset",
] as const;
type Caller = (typeof callers)[number];

type Role = "none" | "viewer" | "editor" | "owner";
const rank: Record<Role, number> = { none: 0, viewer: 1, editor: 2, owner: 3 };
const roles: Partial<Record<Caller, Role>> = { viewer: "viewer", "viewer by team": "viewer", "editor by the protocol's sharing": "editor", editor: "editor", "another owner": "owner" };
const refusedCallers: readonly Caller[] = ["nobody", "wrong token", "revoked token", "expired token", "signature of another object"];

/** What the table has to say to a caller: a status and its code, or "in". */
function expected([who, effect, outside]: Rule, caller: Caller, operation: Operation): string {
  if (who === "anyone") return "in";
  if (refusedCallers.includes(caller)) return "401";
  if (caller === "public token") return who === "dataset public" ? "in" : "401";
  if (caller === "public token of another dataset") return "401";
  const isMaker = caller.startsWith("maker");
  if (caller === "maker by session of another site" && operation.method !== "GET") return "403";
  if (effect === "writes" && (caller === "maker's reading token" || caller === "maker's session of a reading token")) return "403";
  const isBound = caller === "maker's token of this dataset" || caller === "maker's token of another dataset";
  if (isBound && outside === "not bound") return "403";
  const isElsewhere = caller === "maker's token of another dataset";
  const role: Role = isElsewhere ? "none" : isMaker ? "owner" : (roles[caller] ?? "none");
  const [kind, needed] = who.split(" ") as [string, string];
  switch (kind) {
    case "signed":
      return "in";
    case "dataset":
      if (role === "none") return "404 DATASET_UNKNOWN";
      return rank[role] >= rank[needed === "public" ? "viewer" : (needed as Role)] ? "in" : "403";
    case "run":
      if (role === "none") return "404 DOCKER_RUN_UNKNOWN";
      return rank[role] >= rank[needed as Role] ? "in" : "403";
    case "config":
      return role === "none" ? "404 DOCKER_WORKER_CONFIG_UNKNOWN" : "in";
    case "team":
      return isMaker ? "in" : caller === "viewer by team" ? "403" : "404 TEAM_UNKNOWN";
    default:
      if (isMaker && !isElsewhere) return "in";
      return `404 ${{ job: "JOB_UNKNOWN", worker: "DOCKER_WORKER_UNKNOWN", config: "DOCKER_WORKER_CONFIG_UNKNOWN", token: "NOT_FOUND", webhook: "WEBHOOK_UNKNOWN" }[needed]}`;
  }
}

/** What a call has to say to count as let in, where the table leaves no doubt about what it works on. */
const bodies: Readonly<Record<string, unknown>> = {
  create_dataset: { name: "made by the test of access" },
  create_team: { name: "team", members: [{ email: "somebody@example.org" }] },
  create_docker_run: { dockerVersion: "1.0" },
  create_docker_worker_config: { config: { workerType: "FULL" } },
  create_docker_worker_config_v2: { config: { workerType: "FULL" } },
  update_docker_worker_config_by_id: { config: { workerType: "FULL" } },
  review_run_configuration: { config: { workerType: "FULL" } },
  update_docker_worker_registry_entry_by_id: { state: "IDLE" },
  update_docker_run_by_id: { state: "STARTED" },
  create_docker_run_artifact: { fileName: "log.txt", type: "LOG" },
  create_docker_run_log_by_id: [],
  update_run_progress_by_id: { stage: "EMBEDDING", done: 1, total: 2 },
  create_token: { name: "another" },
  create_webhook: { url: "https://example.org/", events: ["tag.created"] },
};
/** What a caller may have to hear although it was let in: it is of the wrong form, not there, or not made for this server. */
const mayFail: Readonly<Record<string, readonly number[]>> = {
  create_session: [400],
  post_docker_usage_stats: [400],
  post_docker_authorization_request: [400],
  post_docker_worker_authorization_request: [400],
  set_password: [400],
  get_docker_run_report_read_url_by_id: [404],
  get_run_report_page_read_url_by_id: [404],
  get_run_plan_read_url_by_id: [404],
  get_docker_run_artifact_read_url_by_id: [404],
  confirm_docker_run_artifact_creation: [400],
  cancel_job_by_id: [204, 409],
};
/** After one of these the world isn't what it was: each caller that is let in gets one of its own. */
const destroys = ({ id, method }: Operation) => (method === "DELETE" && id !== "delete_session") || id === "cancel_scheduled_docker_run_state_by_id";

interface World {
  readonly parameters: Readonly<Record<string, string>>;
  readonly tokens: Readonly<Partial<Record<Caller, string>>>;
  readonly queries: Readonly<Partial<Record<Caller, Record<string, string>>>>;
  readonly cookies: Readonly<Partial<Record<Caller, string>>>;
}

describe("the table of access", () => {
  test("has a line for every operation, and no other", () => {
    expect(Object.keys(accessTable).sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  test("says what the contract says", () => {
    const role = { public: "anyone", publicToken: "dataset public", viewer: "dataset viewer", editor: "dataset editor", owner: "dataset owner" };
    for (const { id, access } of operations) if (access !== "user") expect([id, accessTable[id]![0]]).toEqual([id, role[access]]);
  });
});

describeServer("Access", (server) => {
  let people: Record<"maker" | "stranger" | "viewer" | "teamViewer" | "shared" | "editor" | "owner", Account>;
  let fixed: Partial<Record<Caller, string>>;
  let world: World;

  beforeAll(async () => {
    const [maker, stranger, viewer, teamViewer, shared, editor, owner] = await addUsers(server);
    people = { maker, stranger, viewer, teamViewer, shared, editor, owner };
    const db = await server.openDatabase();
    const revoked = await createToken(db, maker.email, "revoked");
    await revokeToken(db, revoked.id);
    const expired = await createToken(db, maker.email, "expired", { readOnly: false, expiresAt: Date.now() + 50 });
    await db.destroy();
    const reading = await server.call<{ token: string }>("POST", "/v1/users/me/tokens", { token: maker.token, body: { name: "reading", readOnly: true } });
    fixed = {
      "wrong token": "never-a-token",
      "revoked token": revoked.token,
      "expired token": expired.token,
      stranger: stranger.token,
      viewer: viewer.token,
      "viewer by team": teamViewer.token,
      "editor by the protocol's sharing": shared.token,
      editor: editor.token,
      "another owner": owner.token,
      maker: maker.token,
      "maker's reading token": reading.token,
    };
    world = await newWorld("delete_webhook_by_id");
    await new Promise((resolve) => setTimeout(resolve, 60));
  });

  /** @param reason the operation that needs it: a user has so many webhooks and no more */
  async function newWorld(reason: string): Promise<World> {
    const { token } = people.maker;
    const options = { token };
    const call = <Body = { id: string }>(method: string, path: string, body?: unknown, query = {}) => server.call<Body>(method, path, { token, body, query });
    const made = await scene(server, 2, options);
    const other = await scene(server, 1, options);
    const { signedWriteUrl, embeddingId } = await call<{ signedWriteUrl: string; embeddingId: string }>("GET", `${made.path}/embeddings/writeCSVUrl`, undefined, { name: "default" });
    await server.open(signedWriteUrl, { method: "PUT", raw: `filenames,embedding_0,labels\n${made.fileNames.map((name, i) => `${name},${i},0`).join("\n")}` });
    const score = await call("POST", `${made.path}/tags/${made.tagId}/scores`, { scoreType: "uncertainty", scores: [0, 1] });
    const leaf = await call("POST", `${made.path}/tags`, { name: "leaf", prevTagId: made.tagId, bitMaskData: "0x1", totSize: 2 });
    const team = await call("POST", "/v1/teams", { name: "team", members: [{ email: people.teamViewer.email }] });
    const share = await call("POST", `${made.path}/collaboration/access`, { accessType: "WRITE", users: [people.shared.email] });
    const member = await call("PUT", `${made.path}/members`, { email: people.viewer.email, role: "VIEWER" });
    await call("PUT", `${made.path}/members`, { email: people.editor.email, role: "EDITOR" });
    await call("PUT", `${made.path}/members`, { email: people.owner.email, role: "OWNER" });
    await call("PUT", `${made.path}/members`, { teamId: team.id, role: "VIEWER" });
    const worker = await addWorker(server, { user: people.maker });
    const scheduledId = await schedule(server, made, {}, options);
    const runId = await begin(server, made, worker, scheduledId);
    const { configId } = (await call<{ configId: string }[]>("GET", `/v1/docker/runs/query/datasetId/${made.id}`))[0]!;
    const free = await call("POST", "/v1/docker/worker/config", { config: { workerType: "FULL" } });
    const artifact = await call<{ artifactId: string }>("POST", `/v1/docker/runs/${runId}/artifacts`, { fileName: "a.txt", type: "LOG" });
    const metadata = await call("POST", `${made.path}/configuration/metadata`, { name: "none", configs: [] });
    const { jobId } = await call<{ jobId: string }>("POST", `${made.path}/embeddings/${embeddingId}/sampling`, { newTagName: "picked", method: "RANDOM", config: { stoppingCondition: { nSamples: 1 } } });
    const doomed = await call("POST", "/v1/users/me/tokens", { name: "to be revoked" });
    const webhook = reason === "delete_webhook_by_id" ? await call("POST", "/v1/webhooks", { url: "https://example.invalid/", events: ["run.finished"] }) : { id: "0".repeat(24) };
    const bound = await call<{ token: string }>("POST", "/v1/users/me/tokens", { name: "bound", datasetIds: [made.id] });
    const elsewhere = await call<{ token: string }>("POST", "/v1/users/me/tokens", { name: "bound elsewhere", datasetIds: [other.id] });
    const write = await call<{ signedWriteUrl: string } | string>("GET", `${other.path}/samples/${other.sampleIds[0]}/writeurl`, undefined, { isThumbnail: false });
    const publicTokenOf = async ({ path, tagId }: typeof made) => new URL((await call<string>("GET", `${path}/tags/${tagId}/export/basic/filenamesAndReadUrls`, undefined, {}).then(JSON.stringify)).match(/https?:[^"\\]+publicToken[^"\\]+/)![0]).searchParams.get("publicToken")!;
    return {
      parameters: {
        datasetId: made.id,
        sampleId: made.sampleIds[0]!,
        tagId: leaf.id,
        embeddingId,
        scoreId: score.id,
        accessConfigId: share.id,
        memberId: member.id,
        teamId: team.id,
        workerId: worker.id,
        scheduledId,
        runId,
        configId,
        freeConfigId: free.id,
        artifactId: artifact.artifactId,
        configurationId: metadata.id,
        jobId,
        tokenId: doomed.id,
        webhookId: webhook.id,
        datasetName: "dataset",
        draftId: "0".repeat(24),
      },
      tokens: { ...fixed, "maker's token of this dataset": bound.token, "maker's token of another dataset": elsewhere.token },
      queries: {
        "signature of another object": Object.fromEntries(new URL(JSON.stringify(write).match(/http[^"]+/)![0]).searchParams),
        "public token": { publicToken: await publicTokenOf(made) },
        "public token of another dataset": { publicToken: await publicTokenOf(other) },
      },
      cookies: await sessions(),
    };
  }

  async function sessions(): Promise<World["cookies"]> {
    const own = await sessionOf(people.maker.token);
    return { "maker by session": own, "maker by session of another site": own, "maker's session of a reading token": await sessionOf(fixed["maker's reading token"]!) };
  }

  async function sessionOf(token: string): Promise<string> {
    const { headers } = await server.request("POST", "/v1/session", { token: null, body: { token } });
    return String(headers["set-cookie"]).split(";")[0]!;
  }

  function send(operation: Operation, caller: Caller, { parameters, tokens, queries, cookies }: World) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (operation.id === "update_docker_worker_config_by_id" ? parameters["freeConfigId"]! : (parameters[name] ?? "0".repeat(24))));
    const body = operation.id === "update_team_by_id" ? { name: "team", members: [{ email: people.maker.email, isAdmin: true }, { email: people.teamViewer.email }] } : (bodies[operation.id] ?? {});
    const unique = operation.id === "create_dataset" ? { name: `${caller.replaceAll(/\W/g, " ")} ${Math.random().toString(36).slice(2)}` } : operation.id === "register_docker_worker" ? { name: `w ${Math.random().toString(36).slice(2)}`, workerType: "FULL" } : body;
    return server.request(operation.method, path, {
      token: tokens[caller] ?? null,
      query: queries[caller] ?? {},
      body: operation.method === "GET" ? undefined : unique,
      headers: {
        "user-agent": "Swagger-Codegen/1.0.0/python",
        accept: "application/json",
        ...(cookies[caller] !== undefined && { cookie: cookies[caller] }),
        ...(caller !== "maker by session of another site" && { "x-winnow-app": "1" }),
      },
    });
  }

  test.each(operations.map((operation) => [operation.id, operation] as const))("%s", async (id, operation) => {
    const rule = accessTable[id]!;
    // Who is refused first: those who are let in may change what there is.
    for (const caller of callers.toSorted((a, b) => Number(expected(rule, a, operation) === "in") - Number(expected(rule, b, operation) === "in"))) {
      const want = expected(rule, caller, operation);
      const here = want === "in" && destroys(operation) ? await newWorld(id) : world;
      const { status, body } = await send(operation, caller, here);
      const { code } = (body ?? {}) as { code?: string };
      if (want !== "in") expect([caller, status === 404 ? `404 ${code}` : String(status)]).toEqual([caller, want]);
      else if (rule[0].startsWith("dataset") || rule[0] === "anyone") {
        expect([401, 403, 500], `${caller}: ${status}`).not.toContain(status);
        // What isn't found then is a part of the dataset, never the dataset itself.
        if (status === 404) expect(code, caller).not.toBe("DATASET_UNKNOWN");
        if (operation.method === "DELETE" && operation.id !== "delete_selection_draft_by_id") expect([caller, status]).toEqual([caller, 204]);
      } else if (status >= 400) expect(mayFail[id] ?? [], `${caller}: ${status} ${code}`).toContain(status);
      if (id === "delete_session") world = { ...world, cookies: await sessions() };
    }
  });

  test("who may not call is told so before the body is looked at", async () => {
    const path = `/v1/datasets/${world.parameters["datasetId"]}`;
    for (const raw of ["{", "[".repeat(1000), `"${"x".repeat(70 * 1024 * 1024)}"`]) {
      expect((await server.refusal("POST", "/v1/datasets", { token: null, raw })).status).toBe(401);
      expect((await server.refusal("POST", `${path}/samples`, { token: people.stranger.token, raw })).status).toBe(404);
      expect((await server.refusal("POST", `${path}/samples`, { token: people.viewer.token, raw })).status).toBe(403);
      expect((await server.refusal("POST", "/v1/datasets", { token: fixed["maker's reading token"]!, raw })).status).toBe(403);
    }
  });

  test("a dataset that isn't there looks the same as one of somebody else", async () => {
    const id = world.parameters["datasetId"]!;
    const message = async (one: string) => (await server.refusal("GET", `/v1/datasets/${one}`, { token: people.stranger.token })).message.replace(one, "ID");
    expect(await message(id)).toBe(await message("0".repeat(24)));
  });

  test("embeddings of a scene belong to its maker", async () => {
    const made = await scene(server, 2);
    const embedding = await addEmbedding(server, made, onLine(2));
    expect((await server.refusal("DELETE", `${made.path}/embeddings/${embedding}`, { token: people.stranger.token })).status).toBe(404);
  });
});

async function addUsers(server: ServerUnderTest): Promise<[Account, Account, Account, Account, Account, Account, Account]> {
  const users = [];
  for (let i = 0; i < 7; i++) users.push(await server.addUser());
  return users as [Account, Account, Account, Account, Account, Account, Account];
}
