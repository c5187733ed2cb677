/** A proxy before an object store that is slow and fails, as networks and providers do. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface FaultProxy {
  readonly endpoint: string;
  /** Whether faults are injected now; false lets everything pass. */
  on: boolean;
  /** How often each fault was injected. */
  readonly injected: { refused: number; slow: number; cutBefore: number; cutAfter: number };
  close(): Promise<void>;
}

/**
 * Of all requests one in ten is refused (503), one in ten waits up to half a second, one in twenty is cut while it is
 * sent, and one in twenty is cut after it was done, so that nobody hears of it.
 * @param random gives numbers from 0 to 1
 */
export async function startFaultProxy(target: string, random: () => number): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const injected = { refused: 0, slow: 0, cutBefore: 0, cutAfter: 0 };
  const proxy = { on: true };

  async function pass(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
    const dice = proxy.on ? random() : 1;
    if (dice < 0.1) {
      injected.refused++;
      // The body is read to its end: a client that is refused in the middle of sending may not hear why.
      incoming.resume();
      incoming.once("end", () => reply.writeHead(503, { "content-type": "application/xml" }).end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"));
      return;
    }
    if (dice < 0.15) {
      injected.cutBefore++;
      incoming.socket.destroy();
      return;
    }
    const cutAfter = dice < 0.2;
    if (dice >= 0.2 && dice < 0.3) {
      injected.slow++;
      await sleep(random() * 500);
    }
    // The header that names the host is part of what is signed, so it stays as it came.
    const outgoing = request({ host: hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      if (cutAfter) {
        injected.cutAfter++;
        answer.resume();
        answer.once("end", () => incoming.socket.destroy());
        return;
      }
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    outgoing.on("error", () => incoming.socket.destroy());
    incoming.on("error", () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  const server = createServer((incoming, reply) => void pass(incoming, reply));
  server.on("checkContinue", (incoming: IncomingMessage, reply: ServerResponse) => {
    reply.writeContinue();
    delete incoming.headers.expect;
    void pass(incoming, reply);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    injected,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
