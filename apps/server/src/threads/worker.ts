/** Entry of a thread. It says that it loads before it does, so that nobody ends it in the middle of that. */
import { parentPort, threadId } from "node:worker_threads";
import type { Assignment, Loading, Outcome } from "./protocol.ts";

const tell = (isLoading: boolean) => parentPort?.postMessage({ threadId, isLoading } satisfies Loading);

tell(true);
const tasks = import("./tasks.ts");
const over = () => tell(false);
tasks.then(over, over);

export default async function run(assignment: Assignment): Promise<Outcome> {
  return (await tasks).runTask(assignment);
}
