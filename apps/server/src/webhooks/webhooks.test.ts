import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookCreatedData, WebhookData, WebhookDelivery } from "@winnow/contract";
import { Outgoing } from "@winnow/storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addTag, scene, until } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, report, schedule } from "../testing/worker-scenes.ts";
import { retrySeconds } from "./delivery.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An address that takes what it is told, with the status that its path names: /200/…, /500/…; /away sends elsewhere. */
class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  failures = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        this.received.push({ path: request.url ?? "", headers: request.headers, body });
        const status = this.failures-- > 0 ? 503 : Number(/\d{3}/.exec(request.url ?? "")?.[0] ?? 200);
        response.writeHead(status, status === 302 ? { location: "http://169.254.169.254/latest/meta-data" } : {}).end("ignored");
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

describeServer("Webhooks", (server) => {
  const receiver = new Receiver();
  beforeAll(() => receiver.start());
  afterAll(() => receiver.stop());

  const hook = (path: string, body: object = {}, token?: string) => server.call<WebhookCreatedData>("POST", "/v1/webhooks", { token, body: { url: receiver.url + path, events: ["run.finished", "tag.created"], ...body } });
  const remove = (id: string, token?: string) => server.call("DELETE", `/v1/webhooks/${id}`, { token });
  const deliveries = (id: string, token?: string) => server.call<WebhookDelivery[]>("GET", `/v1/webhooks/${id}/deliveries`, { token });
  const at = (path: string) => receiver.received.filter((one) => one.path === path);

  test("a new tag and a finished run are told, signed", async () => {
    const made = await scene(server, 2);
    const { id, secret } = await hook("/200/both", { datasetId: made.id });
    const tagId = await addTag(server, made, "picked", [1]);
    const runId = await begin(server, made, await addWorker(server), await schedule(server, made));
    await report(server, runId, "COMPLETED", "all done");
    await until("both events", async () => at("/200/both").length === 2);
    const bodies = at("/200/both").map(({ headers, body }) => {
      const [, time, digest] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["winnow-signature"]))!;
      expect(digest).toBe(createHmac("sha256", secret).update(`${time}.${body}`).digest("hex"));
      expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(60);
      const event = JSON.parse(body) as { id: string; event: string };
      expect([headers["winnow-delivery"], headers["winnow-event"]]).toEqual([event.id, event.event]);
      return event;
    });
    expect(bodies).toContainEqual(expect.objectContaining({ event: "tag.created", datasetId: made.id, tagId, name: "picked" }));
    expect(bodies).toContainEqual(expect.objectContaining({ event: "run.finished", datasetId: made.id, runId, state: "COMPLETED", message: "all done" }));
    await until("both notes of it", async () => (await deliveries(id)).every(({ state }) => state === "DELIVERED"));
    expect(await deliveries(id)).toMatchObject([{ state: "DELIVERED", status: 200, attempts: 1 }, { state: "DELIVERED", status: 200, attempts: 1 }]);
    await remove(id);
  });

  test("a failure is tried again, later each time, with the same id", async () => {
    receiver.failures = 1;
    const { id } = await hook("/200/again");
    const { id: deliveryId } = await server.call<{ id: string }>("POST", `/v1/webhooks/${id}/test`, { body: {} });
    await until("the first attempt", async () => (await deliveries(id))[0]?.attempts === 1);
    const [waiting] = await deliveries(id);
    expect(waiting).toMatchObject({ state: "WAITING", status: 503, error: expect.stringContaining("503") });
    expect(waiting!.nextAttemptAt! - Date.now()).toBeGreaterThan((retrySeconds[0]! - 8) * 1000);
    // The time passes.
    const db = await server.openDatabase();
    await db.updateTable("webhook_deliveries").set({ next_attempt_at: Date.now() }).where("id", "=", deliveryId).execute();
    await db.destroy();
    await until("the second attempt", async () => (await deliveries(id))[0]?.state === "DELIVERED");
    expect(at("/200/again").map(({ body }) => (JSON.parse(body) as { id: string }).id)).toEqual([deliveryId, deliveryId]);
    await remove(id);
  });

  test("after the last attempt it is given up", async () => {
    const { id } = await hook("/500/never");
    const { id: deliveryId } = await server.call<{ id: string }>("POST", `/v1/webhooks/${id}/test`, { body: {} });
    await until("an attempt", async () => (await deliveries(id))[0]?.attempts === 1);
    const db = await server.openDatabase();
    await db.updateTable("webhook_deliveries").set({ attempts: retrySeconds.length, next_attempt_at: Date.now() }).where("id", "=", deliveryId).execute();
    await db.destroy();
    await until("the end", async () => (await deliveries(id))[0]?.state === "FAILED");
    await remove(id);
  });

  test("a redirect is not followed: it is an answer, and no good one", async () => {
    const { id } = await hook("/302/away");
    await server.call("POST", `/v1/webhooks/${id}/test`, { body: {} });
    await until("the attempt", async () => (await deliveries(id))[0]?.attempts === 1);
    expect((await deliveries(id))[0]).toMatchObject({ state: "WAITING", status: 302 });
    await remove(id);
  });

  test("only what its user may see, and no longer than that", async () => {
    const user = await server.addUser();
    const made = await scene(server, 2);
    const { id } = await hook("/200/guest", {}, user.token);
    await addTag(server, made, "not for everybody", [0]);
    const { id: member } = await server.call<{ id: string }>("PUT", `${made.path}/members`, { body: { email: user.email, role: "VIEWER" } });
    await addTag(server, made, "for members", [0]);
    await until("the event", async () => at("/200/guest").length === 1);
    await server.call("DELETE", `${made.path}/members/${member}`);
    await addTag(server, made, "not any more", [0]);
    await until("quiet", async () => (await deliveries(id, user.token)).every(({ state }) => state !== "WAITING"));
    expect(at("/200/guest").map(({ body }) => (JSON.parse(body) as { name: string }).name)).toEqual(["for members"]);
    expect(await server.refusal("POST", "/v1/webhooks", { token: user.token, body: { url: receiver.url, events: ["tag.created"], datasetId: made.id } })).toMatchObject({ code: "DATASET_UNKNOWN" });
    expect((await server.call<WebhookData[]>("GET", "/v1/webhooks")).map((one) => one.id)).not.toContain(id);
    expect(await server.call<WebhookData[]>("GET", "/v1/webhooks", { token: user.token })).toMatchObject([{ id, url: `${receiver.url}/200/guest`, events: ["run.finished", "tag.created"] }]);
    await remove(id, user.token);
  });

  test("addresses that can't be meant are refused", async () => {
    for (const url of ["ftp://example.org/", "example.org/hook", "http://", "https://user:secret@example.org/", "javascript:alert(1)", "file:///etc/passwd"]) {
      expect((await server.refusal("POST", "/v1/webhooks", { body: { url, events: ["tag.created"] } })).message, url).toMatch(/"url"/);
    }
  });
});

describeServer("Webhooks of a server for others", (server) => {
  const receiver = new Receiver();
  beforeAll(() => receiver.start());
  afterAll(() => receiver.stop());

  test("never reach into this machine, private networks or metadata services", async () => {
    const port = new URL(receiver.url).port;
    for (const url of [receiver.url, `http://localhost:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`, `http://0.0.0.0:${port}/`, "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00:ec2::254]/"]) {
      const { id } = await server.call<WebhookCreatedData>("POST", "/v1/webhooks", { body: { url, events: ["tag.created"] } });
      await server.call("POST", `/v1/webhooks/${id}/test`, { body: {} });
      await until(`an attempt at ${url}`, async () => (await server.call<WebhookDelivery[]>("GET", `/v1/webhooks/${id}/deliveries`))[0]?.attempts === 1);
      expect((await server.call<WebhookDelivery[]>("GET", `/v1/webhooks/${id}/deliveries`))[0]?.error, url).toMatch(/may not contact/);
      await server.call("DELETE", `/v1/webhooks/${id}`);
    }
    expect(receiver.received).toEqual([]);
    // The receiver does answer, to those who may.
    const outgoing = new Outgoing({ allowLoopback: true });
    const { message } = await outgoing.request(new URL(receiver.url), { method: "POST", body: Buffer.from("{}") });
    message.destroy();
    outgoing.close();
    expect(receiver.received).toHaveLength(1);
  });
}, { host: "0.0.0.0" });
