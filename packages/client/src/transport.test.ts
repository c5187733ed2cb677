import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TagData, domains } from "@winnow/contract";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { DATASET, RecordingServer, TOKEN, id, reply } from "../test/recording-server.ts";
import { ApiError, ApiWorkflowClient, ConnectionError, PROTOCOL_VERSION, SelectionConfig, VERSION, ValueError, type WinnowWarning } from "./index.ts";
import type { Transport } from "./transport.ts";
import packageFile from "../package.json" with { type: "json" };

let server: RecordingServer;
beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.intercept = undefined;
  server.take();
});
afterEach(() => vi.unstubAllEnvs());

const quick = { attempts: 4, pauseMs: 2, pauseMsMax: 5 };
const make = (options: ConstructorParameters<typeof ApiWorkflowClient>[0] = {}) =>
  new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: quick, onWarning: () => undefined, ...options });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("succeeded");
    },
    (error: unknown) => error as Error,
  );

/** Answers the first so many requests of the method itself. */
function answerFirst(count: number, method: string, answer: (response: ServerResponse) => void): () => number {
  let seen = 0;
  server.intercept = (request, response) => {
    if (request.method !== method || request.url!.includes("/versions/")) return false;
    if (++seen > count) return false;
    answer(response);
    return true;
  };
  return () => seen;
}

describe("settings", () => {
  it("come from the arguments, then from the environment, ours before the protocol's", () => {
    vi.stubEnv("LIGHTLY_SERVER_LOCATION", "http://protocol:1/");
    vi.stubEnv("LIGHTLY_TOKEN", "t");
    vi.stubEnv("WINNOW_TOKEN", undefined);
    vi.stubEnv("WINNOW_SERVER_LOCATION", undefined);
    expect(new ApiWorkflowClient().serverUrl).toBe("http://protocol:1");
    vi.stubEnv("WINNOW_SERVER_LOCATION", " http://ours:1// ");
    expect(new ApiWorkflowClient().serverUrl).toBe("http://ours:1");
    expect(new ApiWorkflowClient({ serverUrl: "https://given/base" }).serverUrl).toBe("https://given/base");
    vi.stubEnv("WINNOW_SERVER_LOCATION", "");
    vi.stubEnv("LIGHTLY_SERVER_LOCATION", undefined);
    expect(new ApiWorkflowClient().serverUrl).toBe("http://localhost:8080");
    vi.stubEnv("LIGHTLY_TOKEN", undefined);
    expect(() => new ApiWorkflowClient()).toThrow(ValueError);
    expect(() => new ApiWorkflowClient({ token: "t", serverUrl: "localhost:80" })).toThrow(ValueError);
  });

  it("take the token of the environment that is ours", async () => {
    vi.stubEnv("LIGHTLY_TOKEN", "wrong");
    vi.stubEnv("WINNOW_TOKEN", TOKEN);
    await new ApiWorkflowClient({ serverUrl: server.url }).getDatasets();
    expect(server.exchanges.at(-1)).toMatchObject({ path: "/v1/datasets", token: true });
  });

  it("know the version of the package", () => {
    expect(VERSION).toBe(packageFile.version);
  });
});

describe("a request", () => {
  it("carries the token only in the query, a user agent, and encoded names", async () => {
    await make().getTagById("a/b c'(1)");
    const { url, headers } = server.raw.at(-1)!;
    expect(url).toBe(`/v1/datasets/${DATASET}/tags/a%2Fb%20c%27%281%29?token=a+token%2Fwith%2Bsigns`);
    expect(headers["user-agent"]).toBe(`winnow-client/${VERSION}`);
    expect(headers.authorization).toBeUndefined();
  });

  it("isn't made with a name that would change the path", async () => {
    for (const bad of ["", "..", "."]) expect(await failure(make().getTagById(bad))).toBeInstanceOf(ValueError);
  });

  it("is understood in JSON and in bare text", async () => {
    const client = make();
    for (const [sent, expected] of [
      ['"a\\nb"', "a\nb"],
      ["a\nb", "a\nb"],
      ["123", "123"],
      ["", ""],
      ['["a","b"]', "a\nb"],
    ]) {
      answerFirst(1, "GET", (response) => response.end(sent));
      expect(await client.exportFilenamesByTagId(id(1))).toBe(expected);
    }
  });

  it("asks once for the lowest version, before the first call, and stops there if it is too high", async () => {
    const client = make();
    await Promise.all([client.getAllTags(), client.getAllTags()]);
    expect(server.take().map(({ path }) => path.split("/").at(-1))).toEqual(["minimum", "tags", "tags"]);
    server.intercept = (_, response) => reply(response, '"1.3.0"');
    expect(await failure(make().getAllTags())).toMatchObject({ name: "ValueError", message: expect.stringContaining(PROTOCOL_VERSION) });
    server.intercept = (_, response) => reply(response, '"soon"');
    expect(await failure(make().checkVersionCompatibility())).toBeInstanceOf(ValueError);
    server.intercept = (_, response) => reply(response, PROTOCOL_VERSION);
    await make().checkVersionCompatibility();
  });

  it("works for any operation of the contract", async () => {
    await make().call(domains.tags.updateTagByTagId, { path: { datasetId: DATASET, tagId: id(0xa2) }, body: { name: "new name" } });
    expect(server.exchanges.at(-1)).toMatchObject({ method: "PUT", body: { name: "new name" } });
    expect(await make().call(domains.jobs.getJobs, {})).toBeNull();
  });
});

describe("types", () => {
  it("come from the contract", () => {
    const client = make();
    expectTypeOf(client.getAllTags).returns.resolves.toEqualTypeOf<TagData[]>();
    expectTypeOf(client.datasetId).toEqualTypeOf<Promise<string>>();
    const call = () => [
      // @ts-expect-error the path has a parameter
      client.call(domains.tags.getTagsByDatasetId, {}),
      // @ts-expect-error the body needs a name
      client.call(domains.datasets.createDataset, { body: {} }),
      // @ts-expect-error there is no such method of selection
      new SelectionConfig({ method: "BEST" }),
      client.call(domains.datasets.getDatasets, {}),
    ];
    expectTypeOf(call).toBeFunction();
  });
});

describe("a list that is read as it arrives", () => {
  it("is begun again when it breaks off", async () => {
    const short = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: quick, patience: { pauseMs: 5 } });
    let seen = 0;
    server.intercept = (request, response) => {
      if (!request.url!.includes("/samples?") || ++seen > 2) return false;
      response.writeHead(200, { "content-length": "1000" }).write('[{"id":"1","fileName":"x.jpg"},');
      setTimeout(() => response.destroy(), 5);
      return true;
    };
    await short.uploadCustomMetadata({ images: [{ file_name: "a.jpg", id: 1 }], metadata: [{ image_id: 1 }] });
    expect(seen).toBe(3);
    expect(server.exchanges.at(-1)).toMatchObject({ method: "PUT", path: `/v1/datasets/${DATASET}/samples/${id(0x51)}` });
  });

  it("is refused like any answer", async () => {
    answerFirst(9, "GET", (response) => void response.writeHead(404).end(JSON.stringify({ code: "DATASET_UNKNOWN", message: "no such dataset" })));
    expect(await failure(make().uploadCustomMetadata({ images: [], metadata: [] }))).toMatchObject({ name: "ApiError", code: "DATASET_UNKNOWN" });
  });
});

describe("a refusal", () => {
  it("names method, path, status, code and the server's sentence", async () => {
    answerFirst(9, "GET", (response) => void response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ code: "TAG_UNKNOWN", message: "no such tag", error: "no such tag" })));
    const error = await failure(make().getTagById(id(1)));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ method: "GET", path: `/v1/datasets/${DATASET}/tags/${id(1)}`, status: 404, code: "TAG_UNKNOWN", message: `GET /v1/datasets/${DATASET}/tags/${id(1)}: 404 TAG_UNKNOWN: no such tag` });
  });

  it("is shown as it is when it isn't JSON", async () => {
    answerFirst(9, "GET", (response) => void response.writeHead(500).end("<h1>broken</h1>"));
    expect(await failure(make().getAllTags())).toMatchObject({ status: 500, code: undefined, body: "<h1>broken</h1>", message: expect.stringContaining("500: <h1>broken</h1>") });
    answerFirst(9, "GET", (response) => void response.writeHead(418).end());
    expect((await failure(make().getAllTags())).message).toMatch(/: 418$/);
  });

  it("never holds the token, in whatever form the server repeats it", async () => {
    const form = new URLSearchParams({ token: TOKEN }).toString();
    answerFirst(9, "GET", (response) => void response.writeHead(400).end(JSON.stringify({ message: `bad ${TOKEN} ${encodeURIComponent(TOKEN)} /x?a=1&${form}&publicToken=abc` })));
    const error = (await failure(make().getAllTags())) as ApiError;
    expect(error.message + error.body).not.toMatch(/with.{1,3}signs|abc/);
    const thrower = make({ retry: { attempts: 1 }, fetch: (url) => Promise.reject(new TypeError(`cannot fetch ${String(url)}`)) });
    const lost = await failure(thrower.getAllTags());
    expect(lost).toBeInstanceOf(ConnectionError);
    expect(JSON.stringify([lost.message, lost.stack, String(lost.cause)])).not.toMatch(/with.{1,3}signs/);
  });
});

describe("repetition", () => {
  it.each([429, 502, 503, 504])("of GET, PUT and DELETE after %i", async (status) => {
    const client = make();
    for (const [method, run] of [
      ["GET", () => client.getAllTags()],
      ["PUT", () => client.updateProcessedUntilTimestamp(1)],
      ["DELETE", () => client.deleteTagById(id(1))],
    ] as const) {
      const seen = answerFirst(3, method, (response) => void response.writeHead(status).end());
      await run();
      expect(seen()).toBe(4);
      const always = answerFirst(99, method, (response) => void response.writeHead(status).end());
      expect(await failure(run())).toMatchObject({ status });
      expect(always()).toBe(4);
    }
  });

  it("doesn't happen for POST, nor for other answers", async () => {
    const client = make();
    for (const status of [503, 429, 500]) {
      const seen = answerFirst(9, "POST", (response) => void response.writeHead(status).end());
      expect(await failure(client.registerComputeWorker())).toMatchObject({ status });
      expect(seen()).toBe(1);
    }
    const seen = answerFirst(9, "GET", (response) => void response.writeHead(501).end());
    expect(await failure(client.getAllTags())).toMatchObject({ status: 501 });
    expect(seen()).toBe(1);
    const cut = answerFirst(9, "POST", (response) => void response.destroy());
    expect(await failure(client.registerComputeWorker())).toBeInstanceOf(ConnectionError);
    expect(cut()).toBe(1);
  });

  it("happens for POST when the server says that it did nothing, and when to come again", async () => {
    const seen = answerFirst(2, "POST", (response) => void response.writeHead(429, { "retry-after": "0" }).end());
    await make().registerComputeWorker();
    expect(seen()).toBe(3);
  });

  it("happens after a connection that was cut", async () => {
    const seen = answerFirst(2, "GET", (response) => void response.destroy());
    expect(await make().getAllTags()).toHaveLength(2);
    expect(seen()).toBe(3);
  });

  it("happens for POST when the connection was refused", async () => {
    let attempts = 0;
    const client = make({
      fetch: (input, init) => {
        if (init?.method === "POST" && ++attempts < 3) return Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }));
        return fetch(input, init);
      },
    });
    expect(await client.registerComputeWorker()).toBe(id(0xff));
    expect(attempts).toBe(3);
  });

  it("waits as long as the server asks", async () => {
    answerFirst(1, "GET", (response) => void response.writeHead(503, { "retry-after": "1" }).end());
    const start = performance.now();
    await make().getAllTags();
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  it("ends when cancelled, with the caller's reason", async () => {
    answerFirst(1, "GET", (response) => void response.writeHead(503, { "retry-after": "60" }).end());
    const stop = new AbortController();
    const waiting = failure(make().getAllTags({ signal: stop.signal }));
    setTimeout(() => stop.abort(new Error("enough")), 30);
    expect((await waiting).message).toBe("enough");
    expect((await failure(make().getAllTags({ signal: AbortSignal.abort(new Error("before")) }))).message).toBe("before");
    server.intercept = (request) => !request.url!.includes("/versions/"); // never answers
    const hanging = new AbortController();
    const held = failure(make().getAllTags({ signal: hanging.signal }));
    setTimeout(() => hanging.abort(new Error("now")), 30);
    expect((await held).message).toBe("now");
  });
});

describe("the time limit", () => {
  it("ends calls that get no answer", async () => {
    const client = make({ retry: { attempts: 1 } });
    await client.getAllTags();
    client.setRequestTimeout(0.05);
    server.intercept = () => true;
    expect(await failure(client.getAllTags())).toMatchObject({ name: "ConnectionError", message: expect.stringContaining("no answer within 0.05 s") });
    client.setRequestTimeout([0.02, 0.01]);
    expect((await failure(client.getAllTags())).message).toContain("0.03 s");
    for (const bad of [0, -1, NaN]) expect(() => client.setRequestTimeout(bad)).toThrow(ValueError);
  });

  it("limits pauses of a file, not its transfer", async () => {
    const slow = createServer((_, response) => {
      let sent = 0;
      const timer = setInterval(() => {
        response.write("x");
        if (++sent === 10) {
          clearInterval(timer);
          response.end();
        }
      }, 100);
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const client = make({ retry: { attempts: 1 } });
    client.setRequestTimeout(0.5);
    const { transport } = client as unknown as { transport: Transport };
    const { body } = await transport.download(`http://127.0.0.1:${(slow.address() as AddressInfo).port}/`);
    let length = 0;
    for await (const chunk of body) length += chunk.byteLength;
    expect(length).toBe(10);
    slow.close();
  });
});

describe("a file", () => {
  it("is sent with its length, without token, and from a new stream at each attempt", async () => {
    let streams = 0;
    answerFirst(1, "PUT", (response) => void response.writeHead(503).end());
    const response = await make().uploadFileWithSignedUrl(
      {
        size: 6,
        async *stream() {
          streams++;
          yield new TextEncoder().encode("abc");
          yield new TextEncoder().encode("def");
        },
      },
      `${server.url}/signed/file?key=1`,
      { headers: { "x-extra": "yes" } },
    );
    expect(response.status).toBe(200);
    expect(streams).toBe(2);
    const { headers, bytes, url } = server.raw.at(-1)!;
    expect(bytes.toString()).toBe("abcdef");
    expect(url).toBe("/signed/file?key=1");
    expect(headers).toMatchObject({ "content-length": "6", "x-extra": "yes" });
    expect(headers["content-type"]).toBeUndefined();
    await make().uploadFileWithSignedUrl(new Blob(["blob"]), `${server.url}/signed/file`);
    expect(server.raw.at(-1)!.bytes.toString()).toBe("blob");
    expect(await failure(make().uploadFileWithSignedUrl(new Uint8Array(1), "no address"))).toBeInstanceOf(ValueError);
  });

  it("that is refused says why, without the signature", async () => {
    answerFirst(9, "PUT", (response) => void response.writeHead(403).end("expired ?signature=secret&x=1"));
    const error = await failure(make().uploadFileWithSignedUrl(new Uint8Array(1), `${server.url}/signed/file?signature=secret`));
    expect(error).toMatchObject({ status: 403, path: "/signed/file" });
    expect(error.message).not.toContain("secret");
  });
});

describe("the current dataset", () => {
  it("is the one modified last, with a warning, when none is given", async () => {
    const warnings: WinnowWarning[] = [];
    const client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, onWarning: (warning) => warnings.push(warning) });
    expect(await Promise.all([client.datasetId, client.datasetId])).toEqual([DATASET, DATASET]);
    expect(warnings.map(({ name, message }) => [name, message])).toEqual([["WinnowWarning", expect.stringContaining("the own one")]]);
    expect(server.exchanges.filter(({ path }) => path === "/v1/datasets")).toHaveLength(1);
  });

  it("must exist when it is set", async () => {
    const client = make();
    expect(await failure(client.setDatasetId(id(0)))).toBeInstanceOf(ValueError);
    expect(await client.datasetId).toBe(DATASET);
    await client.setDatasetId(id(0xd2));
    expect(await client.datasetId).toBe(id(0xd2));
  });

  it("can be assigned; an assignment that fails is told to its next user, then the earlier one is back", async () => {
    const client = make();
    client.datasetId = id(0xd2);
    expect(await client.datasetId).toBe(id(0xd2));
    client.datasetId = id(0);
    const first = failure(client.datasetId);
    const second = failure(client.getAllTags());
    expect(await first).toBeInstanceOf(ValueError);
    expect(await second).toBeInstanceOf(ValueError);
    expect(await client.datasetId).toBe(id(0xd2));
  });

  it("isn't there without datasets, and a failed look-up is done again", async () => {
    const client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, onWarning: () => undefined });
    answerFirst(1, "GET", (response) => void response.end("[]"));
    expect(await failure(client.datasetId)).toMatchObject({ name: "RuntimeError" });
    expect(await client.datasetId).toBe(DATASET);
  });

  it("doesn't exist for refusals that say so, and only for those", async () => {
    const client = make();
    expect(await client.datasetExists(id(0))).toBe(false);
    for (const status of [401, 500]) {
      answerFirst(1, "GET", (response) => void response.writeHead(status).end());
      expect(await failure(client.datasetExists(DATASET))).toMatchObject({ status });
    }
  });
});
