import type { RunningServer } from "@winnow/server";

/** Time for requests under way when the server stops. */
const GRACE_MS = 3_000;

/**
 * Stops a server, but doesn't wait for ever: a client that opened a connection and says nothing would hold it up for
 * minutes. Everything acknowledged is on disk by then, and the next start takes the folder over.
 */
export async function closeServer(running: RunningServer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GRACE_MS);
  });
  await Promise.race([running.close(), grace]);
  clearTimeout(timer);
}
