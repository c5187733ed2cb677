import { get, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { scene, until } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";
import { addWorker, begin, report, schedule } from "../testing/worker-scenes.ts";

interface Heard {
  readonly changes: { topic: string; datasetId?: string }[];
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly ended: () => boolean;
  readonly close: () => void;
}

/** Listens as a page does. */
function listen(server: ServerUnderTest, token: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const request = get(`${server.url}/v1/events?token=${token}`, (response) => {
      const changes: Heard["changes"] = [];
      let text = "";
      let ended = false;
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const data = /^event: change\ndata: (.*)$/.exec(text.slice(0, end));
          if (data) changes.push(JSON.parse(data[1]!) as Heard["changes"][number]);
          text = text.slice(end + 2);
        }
      });
      response.on("close", () => (ended = true));
      resolve({ changes, status: response.statusCode!, headers: response.headers, ended: () => ended, close: () => request.destroy() });
    });
    request.on("error", reject);
  });
}

describeServer("Events", (server) => {
  test("need a token, and are a stream that isn't kept", async () => {
    expect((await listen(server, "never-a-token")).status).toBe(401);
    const heard = await listen(server, server.ownerToken);
    expect([heard.status, heard.headers["content-type"], heard.headers["cache-control"]]).toEqual([200, "text/event-stream; charset=utf-8", "no-store"]);
    heard.close();
  });

  test("tell what has changed to those whom it concerns", async () => {
    const [friend, stranger] = [await server.addUser(), await server.addUser()];
    const made = await scene(server, 2);
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [friend.email] } });
    const [owner, shared, other] = await Promise.all([server.ownerToken, friend.token, stranger.token].map((token) => listen(server, token)));
    await server.call("POST", `${made.path}/samples`, { body: { fileName: "new.jpg" } });
    await until("the new sample was told", async () => owner!.changes.some(({ topic, datasetId }) => topic === "samples" && datasetId === made.id));
    await until("the friend heard too", async () => shared!.changes.some(({ topic }) => topic === "samples"));

    const worker = await addWorker(server);
    const run = await begin(server, made, worker, await schedule(server, made));
    await until("runs and workers were told", async () => ["runs", "workers"].every((topic) => owner!.changes.some((one) => one.topic === topic)));
    const before = shared!.changes.length;
    await report(server, run, "EMBEDDING", "half");
    await server.call("PUT", `/v1/docker/runs/${run}/progress`, { body: { stage: "embedding", done: 1, total: 2 } });
    await until("its progress was told", async () => shared!.changes.some(({ topic }) => topic === "progress"));
    // The dataset's contents are the same, so nothing of it is loaded again.
    expect(shared!.changes.slice(before).every(({ datasetId }) => datasetId === undefined)).toBe(true);
    expect(other!.changes).toEqual([]);
    for (const one of [owner!, shared!, other!]) one.close();
  });

  test("many changes are told as few", async () => {
    const made = await scene(server);
    const heard = await listen(server, server.ownerToken);
    await Promise.all(Array.from({ length: 100 }, (_, i) => server.call("POST", `${made.path}/samples`, { body: { fileName: `${i}.jpg` } })));
    await until("they were told", async () => heard.changes.some(({ topic }) => topic === "samples"));
    expect(heard.changes.length).toBeLessThan(30);
    heard.close();
  });

  test("don't hold up a server that stops", async () => {
    const heard = await listen(server, server.ownerToken);
    const began = performance.now();
    await server.stop();
    expect(performance.now() - began).toBeLessThan(4_000);
    await until("the line was closed", async () => heard.ended());
    await server.start();
  });
});
