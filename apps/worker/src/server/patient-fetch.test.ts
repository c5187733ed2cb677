import { type Server, createServer } from "node:http";
import { afterEach, expect, it } from "vitest";
import { patientFetch } from "./patient-fetch.ts";

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
});

async function listening(answer: (count: number) => number | "hang up", port = 0): Promise<string> {
  let count = 0;
  server = createServer((request, response) => {
    const status = answer(++count);
    if (status === "hang up") request.destroy();
    else response.writeHead(status).end(String(count));
  });
  await new Promise<void>((done) => server!.listen(port, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

it("waits for a server that is away or starting, says so once, and sends bodies again", async () => {
  const told: string[] = [];
  const url = await listening((count) => (count === 1 ? "hang up" : count === 2 ? 503 : 200));
  const get = patientFetch({ patienceMs: 20_000, attemptMs: 5_000, signal: new AbortController().signal, onAway: (why) => told.push(`away: ${why.length > 0}`), onBack: () => told.push("back") });
  const response = await get(url, { method: "POST", body: "x" });
  expect([response.status, await response.text()]).toEqual([200, "3"]);
  expect(told).toEqual(["away: true", "back"]);
});

it("gives every other answer at once, and gives up in time", async () => {
  const url = await listening((count) => (count === 1 ? 409 : 503));
  const get = patientFetch({ patienceMs: 600, attemptMs: 5_000, signal: new AbortController().signal });
  expect((await get(url)).status).toBe(409);
  expect((await get(url)).status).toBe(503);
});

it("stops waiting when it is told to", async () => {
  const stop = new AbortController();
  const get = patientFetch({ patienceMs: 60_000, attemptMs: 5_000, signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 300);
  await expect(get("http://127.0.0.1:9/")).rejects.toThrow("enough");
});
