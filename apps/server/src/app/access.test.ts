import { operations, type Operation } from "@winnow/contract";
import { beforeAll, expect, test } from "vitest";
import { createToken, revokeToken } from "../accounts/service.ts";
import { addEmbedding, onLine, scene, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

/** Who asks. */
type Caller = "nobody" | "wrong token" | "revoked token" | "stranger" | "shared user" | "owner";
const callers: readonly Caller[] = ["nobody", "wrong token", "revoked token", "stranger", "shared user", "owner"];

/** What an operation has to say to a caller: a status, or undefined for "let in". */
function expected({ access, path }: Operation, caller: Caller): number | undefined {
  if (access === "public") return undefined;
  if (caller === "nobody" || caller === "wrong token" || caller === "revoked token") return 401;
  if (!path.includes("{datasetId}") || access === "user") return undefined;
  if (caller === "stranger") return 404;
  return caller === "shared user" && access === "owner" ? 403 : undefined;
}

describeServer("Access", (server) => {
  const tokens: Partial<Record<Caller, string | null>> = { nobody: null, "wrong token": "never-a-token" };
  let made: Scene;
  let embedding: string;

  beforeAll(async () => {
    const [stranger, shared] = [await server.addUser(), await server.addUser()];
    Object.assign(tokens, { owner: server.ownerToken, stranger: stranger.token, "shared user": shared.token });
    const db = await server.openDatabase();
    const revoked = await createToken(db, shared.email, "revoked");
    await revokeToken(db, revoked.id);
    await db.destroy();
    tokens["revoked token"] = revoked.token;
    made = await scene(server, 2);
    embedding = await addEmbedding(server, made, onLine(2));
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [shared.email] } });
  });

  /** The path with things that are there, except what an owner's call would destroy. */
  function pathOf(operation: Operation): string {
    const there: Record<string, string> = { datasetId: made.id, sampleId: made.sampleIds[0]!, tagId: made.tagId, embeddingId: embedding };
    return operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (operation.method === "DELETE" && name !== "datasetId" ? "0".repeat(24) : (there[name] ?? "0".repeat(24))));
  }

  test.each(operations.map((operation) => [operation.id, operation] as const))("%s", async (_, operation) => {
    for (const caller of callers) {
      if (operation.id === "delete_dataset_by_id" && caller === "owner") continue;
      const { status, body } = await server.request(operation.method, pathOf(operation), { token: tokens[caller], body: operation.method === "GET" ? undefined : {}, headers: { "user-agent": "Swagger-Codegen/1.0.0/python", accept: "application/json" } });
      const want = expected(operation, caller);
      if (want !== undefined) expect([caller, status]).toEqual([caller, want]);
      else {
        expect([401, 403], `${caller}: ${status}`).not.toContain(status);
        // What isn't found then is a part of the dataset, never the dataset itself.
        if (status === 404) expect((body as { code: string }).code, caller).not.toBe("DATASET_UNKNOWN");
      }
      if (want === 404) expect((body as { code: string }).code).toBe("DATASET_UNKNOWN");
    }
  });

  test("who may not call is told so before the body is looked at", async () => {
    for (const raw of ["{", "[".repeat(1000), `"${"x".repeat(70 * 1024 * 1024)}"`]) {
      expect((await server.refusal("POST", "/v1/datasets", { token: null, raw })).status).toBe(401);
      expect((await server.refusal("POST", `${made.path}/samples`, { token: tokens.stranger, raw })).status).toBe(404);
    }
  });

  test("a dataset that isn't there looks the same as one of somebody else", async () => {
    const message = async (id: string) => (await server.refusal("GET", `/v1/datasets/${id}`, { token: tokens.stranger })).message.replace(id, "ID");
    expect(await message(made.id)).toBe(await message("0".repeat(24)));
  });
});
