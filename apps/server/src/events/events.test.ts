import { expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { addWorker, begin, schedule } from "../testing/worker-scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Events", (server) => {
  /** Listens until `enough` holds for what was heard. */
  async function listen(token: string, enough: (text: string) => boolean, meanwhile: () => Promise<unknown>): Promise<string> {
    const controller = new AbortController();
    const reply = await fetch(`${server.url}/v1/events`, { headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" }, signal: controller.signal });
    expect(reply.headers.get("content-type")).toContain("text/event-stream");
    await meanwhile();
    let text = "";
    try {
      for await (const piece of reply.body!.pipeThrough(new TextDecoderStream())) {
        text += piece;
        if (enough(text)) break;
      }
    } finally {
      controller.abort();
    }
    return text;
  }

  test("a change is told to those who may see it, and once for many of a kind", async () => {
    const mine = await scene(server, 1);
    const stranger = await server.addUser();
    const heard = await listen(server.ownerToken, (text) => text.includes("tags"), async () => {
      await Promise.all(Array.from({ length: 40 }, (_, i) => server.call("POST", `${mine.path}/samples`, { body: { fileName: `more-${i}.jpg` } })));
      await server.call("POST", `${mine.path}/tags`, { body: { name: "some tag", prevTagId: mine.tagId, bitMaskData: "0x1", totSize: 41 } });
    });
    const told = heard.split(`{"datasetId":"${mine.id}","topic":"samples"}`).length - 1;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(10);
    const foreign = await listen(stranger.token, (text) => text.includes('"topic":"datasets"'), async () => {
      await server.call("POST", `${mine.path}/samples`, { body: { fileName: "unseen.jpg" } });
      await server.call("DELETE", mine.path);
    });
    expect(foreign).not.toContain(mine.id);
  });

  test("whoever a dataset is shared with hears of it, from then on and no longer than it is", async () => {
    const mine = await scene(server, 1);
    const [friend, stranger] = [await server.addUser(), await server.addUser()];
    const change = (name: string) => server.call("POST", `${mine.path}/samples`, { body: { fileName: name } });
    const share = (users: string[]) => server.call("POST", `${mine.path}/collaboration/access`, { body: { accessType: "WRITE", users, creator: "USER_WEBAPP" } });
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1_000));
    const samples = `{"datasetId":"${mine.id}","topic":"samples"}`;
    const times = (text: string, part: string) => text.split(part).length - 1;
    /** All that happens is done once both listen; the last of it is something that everybody hears of. */
    let listening = 0;
    let allListen: () => void = () => {};
    const both = new Promise<void>((resolve) => (allListen = resolve));
    const meanwhile = async () => {
      if (++listening === 2) allListen();
      await both;
    };
    const last = (text: string) => text.includes('"topic":"docker"');
    const heard = Promise.all([listen(friend.token, last, meanwhile), listen(stranger.token, last, meanwhile)]);
    await both;
    await change("before.jpg");
    await pause();
    await share([friend.email]);
    await change("shared 1.jpg");
    await pause();
    await change("shared 2.jpg");
    await pause();
    await share([]);
    await change("after.jpg");
    await pause();
    await addWorker(server);
    const [byFriend, byStranger] = await heard;
    expect(times(byFriend, samples)).toBe(2);
    // That there is one less in the list.
    expect(byFriend.lastIndexOf('{"topic":"datasets"}')).toBeGreaterThan(byFriend.lastIndexOf(samples));
    expect(byStranger).not.toContain(mine.id);
  });

  test("runs are told as what they are, and not every sign of life of a worker", async () => {
    const mine = await scene(server);
    const worker = await addWorker(server);
    const told = '"topic":"configuration"';
    const configure = (name: string) => server.call("POST", `${mine.path}/configuration/metadata`, { body: { name, configs: [] } });
    const heard = await listen(server.ownerToken, (text) => text.split(told).length > 2, async () => {
      const run = await begin(server, mine, worker, await schedule(server, mine));
      await configure("once the run has begun");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      for (let i = 0; i < 3; i++) {
        await server.call("PUT", `/v1/docker/runs/${run}/progress`, { body: { stage: "embedding", done: i, total: 3 } });
        await server.call("PUT", `/v1/docker/runs/${run}/logs`, { body: [] });
        await server.call("PUT", `/v1/docker/worker/${worker.id}`, { body: { state: "BUSY" } });
        await new Promise((resolve) => setTimeout(resolve, 750));
      }
      await configure("last one");
    });
    expect(heard.slice(0, heard.indexOf(told))).toContain(`{"topic":"docker"}`);
    expect(heard.slice(heard.indexOf(told))).not.toContain(`{"topic":"docker"}`);
    // The dataset's contents are the same, so nothing of it is loaded again.
    expect(heard).not.toContain(`"datasetId":"${mine.id}","topic":"docker"`);
  });

  test("who doesn't ask for a stream isn't kept waiting, and a server that stops ends all streams", async () => {
    expect((await server.send("GET", "/v1/events")).status).toBe(200);
    const reply = await fetch(`${server.url}/v1/events`, { headers: { authorization: `Bearer ${server.ownerToken}`, accept: "text/event-stream" } });
    const began = Date.now();
    const read = reply.text().then((text) => ({ text, tookMs: Date.now() - began }));
    await server.stop();
    const { text, tookMs } = await read;
    expect(text).toContain("retry");
    // Before what a connection that goes on is given.
    expect(tookMs).toBeLessThan(4_500);
    await server.start();
  });
});
