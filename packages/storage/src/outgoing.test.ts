import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outgoing, type AddressPolicy, type Resolver } from "./outgoing.ts";

/** A server on this machine that stands for whatever lies inside: it counts who comes in. */
let inside: Server;
let port: number;
let visits = 0;
beforeAll(async () => {
  inside = createServer((request, response) => {
    visits++;
    const to = new URL(request.url ?? "/", "http://x").searchParams.get("to");
    if (to !== null) response.writeHead(302, { location: to }).end();
    else response.writeHead(200, { connection: request.url === "/keep" ? "keep-alive" : "close" }).end("inside");
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
  port = (inside.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((resolve) => {
  inside.close(() => resolve());
  inside.closeAllConnections();
}));

/** A resolver of names that answers each question with the next of its lists; the last one stays. */
function answering(...lists: readonly (readonly string[])[]): { resolver: Resolver; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolver: (name, _options, done) => {
      const list = lists[Math.min(asked.length, lists.length - 1)]!;
      asked.push(name);
      setImmediate(() => done(null, list.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))));
    },
  };
}

async function ask(url: string, policy: AddressPolicy, resolver: Resolver, method: "GET" | "POST" = "GET"): Promise<number> {
  const outgoing = new Outgoing(policy, resolver);
  try {
    const { message } = await outgoing.request(new URL(url), { method, ...(method === "POST" && { body: Buffer.from("x") }) });
    message.destroy();
    return message.statusCode ?? 0;
  } finally {
    outgoing.close();
  }
}

const refused = { name: "SourceError", kind: "forbidden" };

describe("names that lead inside", () => {
  it.each([
    ["this machine", ["127.0.0.1"]],
    ["a private network", ["10.1.2.3"]],
    ["a metadata service", ["169.254.169.254"]],
    ["IPv6 of this machine", ["::1"]],
    ["IPv4 inside of IPv6", ["::ffff:169.254.169.254"]],
    ["the internet and this machine at once", ["93.184.216.34", "127.0.0.1"]],
    ["nowhere", []],
  ])("%s", async (_, addresses) => {
    const before = visits;
    await expect(ask(`http://rebind.example:${port}/`, {}, answering(addresses).resolver)).rejects.toMatchObject(refused);
    await expect(ask(`http://rebind.example:${port}/`, {}, answering(addresses).resolver, "POST")).rejects.toMatchObject(refused);
    expect(visits).toBe(before);
  });

  it("metadata services stay closed where private networks are open", async () => {
    await expect(ask(`http://rebind.example:${port}/`, { allowPrivateAddresses: true }, answering(["169.254.169.254"]).resolver)).rejects.toMatchObject(refused);
  });
});

describe("names that change their address", () => {
  it("are asked for once, and the connection goes to the address that was looked at", async () => {
    // The second answer would lead elsewhere: it is never asked for.
    const { resolver, asked } = answering(["127.0.0.1"], ["169.254.169.254"]);
    expect(await ask(`http://rebind.example:${port}/`, { allowLoopback: true }, resolver)).toBe(200);
    expect(asked).toEqual(["rebind.example"]);
  });

  it("are looked at anew for every new connection", async () => {
    const { resolver } = answering(["127.0.0.1"], ["169.254.169.254"]);
    const outgoing = new Outgoing({ allowLoopback: true }, resolver);
    const { message } = await outgoing.request(new URL(`http://rebind.example:${port}/`), { method: "GET" });
    message.destroy();
    await expect(outgoing.request(new URL(`http://rebind.example:${port}/`), { method: "GET" })).rejects.toMatchObject(refused);
    outgoing.close();
  });
});

describe("redirects", () => {
  const to = (target: string) => `http://start.example:${port}/?to=${encodeURIComponent(target)}`;

  it.each(["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://second.example/", "file:///etc/passwd", "gopher://127.0.0.1:1/"])("to %s are refused", async (target) => {
    const { resolver } = answering(["127.0.0.1"], ["192.168.0.1"]);
    await expect(ask(to(target), { allowLoopback: true }, resolver)).rejects.toMatchObject({ name: "SourceError" });
  });

  it("of what is sent are not followed at all", async () => {
    const before = visits;
    expect(await ask(to(`http://127.0.0.1:${port}/`), { allowLoopback: true }, answering(["127.0.0.1"]).resolver, "POST")).toBe(302);
    expect(visits).toBe(before + 1);
  });

  it("in a circle end", async () => {
    await expect(ask(`http://127.0.0.1:${port}/?to=${encodeURIComponent(`http://127.0.0.1:${port}/?to=%2F`)}`, { allowLoopback: true }, answering(["127.0.0.1"]).resolver)).resolves.toBe(200);
    const circle = createServer((_request, response) => response.writeHead(302, { location: "/" }).end());
    await new Promise<void>((resolve) => circle.listen(0, "127.0.0.1", resolve));
    await expect(ask(`http://127.0.0.1:${(circle.address() as AddressInfo).port}/`, { allowLoopback: true }, answering([]).resolver)).rejects.toMatchObject({ kind: "unreachable" });
    circle.closeAllConnections();
    circle.close();
  });
});

it("a host of the operator's list is reached wherever it leads, and on its port only", async () => {
  expect(await ask(`http://nas.example:${port}/`, { allowedHosts: [`nas.example:${port}`] }, answering(["127.0.0.1"]).resolver)).toBe(200);
  await expect(ask(`http://nas.example:${port}/`, { allowedHosts: ["nas.example:1"] }, answering(["127.0.0.1"]).resolver)).rejects.toMatchObject(refused);
  await expect(ask(`http://other.example:${port}/`, { allowedHosts: ["nas.example"] }, answering(["127.0.0.1"]).resolver)).rejects.toMatchObject(refused);
});
