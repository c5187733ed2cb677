import type { DatasetEmbeddingData, EmbeddingData } from "@winnow/contract";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { addEmbedding, addSamples, embeddingsCsv, onLine, scene, touches, until, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Embeddings", (server) => {
  const announce = (path: string, name?: string) => server.call<{ signedWriteUrl: string; embeddingId: string }>("GET", `${path}/embeddings/writeCSVUrl`, { query: { name } });
  const list = (path: string, userAgent = "node") => server.call<DatasetEmbeddingData[]>("GET", `${path}/embeddings`, { headers: { "user-agent": userAgent } });
  /** The answer to a file for a new embedding of the scene. */
  const put = async ({ path }: Pick<Scene, "path">, raw: string | Buffer) => server.open((await announce(path)).signedWriteUrl, { method: "PUT", raw });

  test("an embedding is listed once its file is complete, and its file comes back as it was sent", async () => {
    const made = await scene(server, 3);
    const { signedWriteUrl, embeddingId } = await announce(made.path, "a name");
    expect(await list(made.path)).toEqual([]);
    for (const end of ["/readCSVUrl", "/2d"]) expect(await server.refusal("GET", `${made.path}/embeddings/${embeddingId}${end}`)).toMatchObject({ status: 409, code: "EMBEDDING_NOT_READY" });
    // Rows in any order, quoted names, numbers as they were written.
    const csv = `filenames,embedding_0,embedding_1,labels\n2.jpg,1e-3,-0.50,7\n"0.jpg",+3.0,4,0\n1.jpg,5,6.000,-1`;
    expect(await touches(server, made.path, () => server.open(signedWriteUrl, { method: "PUT", raw: csv }))).toBe(true);
    expect(await list(made.path)).toEqual([{ id: embeddingId, name: "a name", isProcessed: true, createdAt: expect.any(Number), is2d: false }]);
    const read = await server.open(await server.call<string>("GET", `${made.path}/embeddings/${embeddingId}/readCSVUrl`));
    expect(read.bytes.toString()).toBe(csv);
    expect(read.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(await server.call<EmbeddingData[]>("GET", `/users/datasets/${made.id}/samples/${made.sampleIds[0]}/embeddings`)).toEqual([{ id: embeddingId, dataset: made.id, name: "a name" }]);
  });

  test("newest first; clients of the first generation find the newest at the end once more", async () => {
    const made = await scene(server, 2);
    const first = await addEmbedding(server, made, onLine(2), "default");
    for (const agent of ["Swagger-Codegen/1.0.0/python", "Lightly/1.2.44", "node"]) expect((await list(made.path, agent)).map(({ id }) => id)).toEqual([first]);
    const second = await addEmbedding(server, made, onLine(2), "default_20260101_10h00m00s");
    const third = await addEmbedding(server, made, onLine(2), "other");
    expect((await list(made.path, "Swagger-Codegen/1.0.0/python")).map(({ id }) => id)).toEqual([third, second, first, third]);
    for (const agent of ["Lightly/1.2.44", "OpenAPI-Generator/1.0.0/python", "node", ""]) expect((await list(made.path, agent)).map(({ id }) => id)).toEqual([third, second, first]);
  });

  test("a file that can't be used is refused with line and file name, and can be sent again", async () => {
    const made = await scene(server, 3);
    const header = "filenames,embedding_0,labels";
    const rows = ["0.jpg,1,0", "1.jpg,2,0", "2.jpg,3,0"];
    for (const [csv, told] of [
      [[header, ...rows.slice(0, 2)], [`2 rows for 3 samples`, `"2.jpg"`]],
      [[header, ...rows, "3.jpg,1,0"], ["line 5", `"3.jpg"`]],
      [[header, ...rows, rows[0]], ["line 5", "0.jpg"]],
      [[header, rows[0], "1.jpg,nan,0", rows[2]], ["line 3", "1.jpg"]],
      [[header, rows[0], "1.jpg,inf,0", rows[2]], ["line 3", "1.jpg"]],
      [[header, rows[0], "1.jpg,1e99,0", rows[2]], ["line 3", "1.jpg"]],
      [[header, rows[0], "1.jpg,,0", rows[2]], ["line 3", "1.jpg"]],
      [[header, rows[0], "1.jpg,0x10,0", rows[2]], ["line 3", "1.jpg"]],
      [[header, rows[0], "1.jpg,1,2,0", rows[2]], ["line 3"]],
      [[header, rows[0], "1.jpg,1", rows[2]], ["line 3"]],
      [[header, rows[0], "", rows[1]], ["line 3"]],
      [["filename,embedding_0,labels", ...rows], ["line 1", "`filenames`"]],
      [["filenames, embedding_0,labels", ...rows], ["line 1", "blanks"]],
      [["filenames,embedding_0", ...rows], ["line 1", "`labels`"]],
      [["filenames,vector_0,labels", ...rows], ["line 1", "`vector_0`"]],
      [["filenames,labels", "0.jpg,0", "1.jpg,0", "2.jpg,0"], ["line 1", "embedding"]],
      [[header, `"0.jpg,1,0`], ["line 2"]],
    ] as const) {
      const reply = await put(made, csv.join("\n"));
      const { code, message } = reply.body as { code: string; message: string };
      expect([reply.status, code], csv.join("|")).toEqual([400, "EMBEDDING_INVALID"]);
      for (const part of told) expect(message, csv.join("|")).toContain(part);
    }
    for (const raw of [Buffer.from([0xff, 0xfe, 0x00]), Buffer.alloc(2000), "{}", "\n\n\n", `${header}\n0.jpg,1,0\n\xff`]) expect((await put(made, raw)).status).toBe(400);
    expect((await put(made, "")).status).toBe(400);
    expect(await list(made.path)).toEqual([]);

    const { signedWriteUrl } = await announce(made.path);
    expect((await server.open(signedWriteUrl, { method: "PUT", raw: header })).status).toBe(400);
    expect((await server.open(signedWriteUrl, { method: "PUT", raw: [header, ...rows].join("\n") })).status).toBe(200);
    const again = await server.open(signedWriteUrl, { method: "PUT", raw: [header, ...rows].join("\n") });
    expect([again.status, (again.body as { code: string }).code]).toEqual([409, "EMBEDDING_INVALID"]);
    const leftovers = (await server.files()).filter((file) => file.includes("incoming"));
    expect(leftovers).toEqual([]);
  });

  test("forms of a good file: other line ends, a mark at the start, special columns, many columns", async () => {
    for (const csv of [
      "filenames,embedding_0,labels\r\n0.jpg,1,0\r\n1.jpg,2,0\r\n",
      "\ufefffilenames,embedding_0,labels\n0.jpg,1,0\n1.jpg,2,0",
      "filenames,embedding_0,masked,selected,labels\n0.jpg,1,0,1,0\n1.jpg,2,0,1,0",
      embeddingsCsv(["0.jpg", "1.jpg"], [0, 1].map((row) => Array.from({ length: 4096 }, (_, i) => row + i))),
    ]) expect((await put(await scene(server, 2), csv)).status, csv.slice(0, 60)).toBe(200);
  });

  test("names in the file are the samples', whatever is in them", async () => {
    const fileNames = [`a "quoted".jpg`, "Ünïcode 猫 🐈.jpg", " blank around .jpg ", "#hash", "'quote", "=1+1"];
    const made = await scene(server, fileNames.map((fileName) => ({ fileName })));
    const csv = ["filenames,embedding_0,labels", ...fileNames.map((name, i) => `${name.includes(`"`) ? `"${name.replaceAll(`"`, `""`)}"` : name},${i},0`)].join("\n");
    expect((await put(made, csv)).status).toBe(200);
  });

  test("the samples at the time of the announcement count", async () => {
    const made = await scene(server, 2);
    const early = await announce(made.path, "early");
    await addSamples(server, made.path, [{ fileName: "later.jpg" }]);
    expect((await server.open(early.signedWriteUrl, { method: "PUT", raw: embeddingsCsv(["0.jpg", "1.jpg"], onLine(2)) })).status).toBe(200);
    const reply = await put(made, embeddingsCsv(["0.jpg", "1.jpg"], onLine(2)));
    expect((reply.body as { message: string }).message).toContain(`"later.jpg"`);
    const [, , third] = await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "_id" } });
    expect(await server.call("GET", `/users/datasets/${made.id}/samples/${third}/embeddings`, { query: { mode: "full" } })).toEqual([]);
  });

  test("a dataset without samples can't have an embedding", async () => {
    const { path } = await scene(server);
    expect(await server.refusal("GET", `${path}/embeddings/writeCSVUrl`, { query: { name: "default" } })).toMatchObject({ status: 400, code: "EMBEDDING_INVALID" });
    expect(await list(path)).toEqual([]);
  });

  test("a name is optional, may be in use, and is text", async () => {
    const made = await scene(server, 1);
    for (const name of [undefined, "default", "default", "Ünïcode 猫 & more"]) {
      const { signedWriteUrl } = await announce(made.path, name);
      await server.open(signedWriteUrl, { method: "PUT", raw: embeddingsCsv(["0.jpg"], [[1]]) });
    }
    expect((await list(made.path)).map(({ name }) => name)).toEqual(["Ünïcode 猫 & more", "default", "default", "default"]);
    expect((await server.refusal("GET", `${made.path}/embeddings/writeCSVUrl`, { query: { name: "a\0b" } })).message).toContain(`"name"`);
  });

  test("a table wider than memory is refused", async () => {
    const made = await scene(server, Array.from({ length: 10_000 }, (_, i) => ({ fileName: `${i}` })));
    const header = `filenames,${Array.from({ length: 600_000 }, (_, i) => `embedding_${i}`).join(",")},labels\n`;
    const reply = await put(made, header);
    expect([reply.status, (reply.body as { code: string }).code]).toEqual([400, "EMBEDDING_INVALID"]);
  });

  test("only one upload of an embedding at a time", async () => {
    const made = await scene(server, 1);
    const { signedWriteUrl } = await announce(made.path);
    const csv = embeddingsCsv(["0.jpg"], [[1]]);
    async function* slow(): AsyncIterable<Buffer> {
      yield Buffer.from(csv.slice(0, 5));
      // The server sees it and asks its database first.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const reply = await server.open(signedWriteUrl, { method: "PUT", raw: csv });
      expect([reply.status, (reply.body as { code: string }).code]).toEqual([409, "EMBEDDING_NOT_READY"]);
      yield Buffer.from(csv.slice(5));
    }
    expect((await server.open(signedWriteUrl, { method: "PUT", raw: Readable.from(slow()), headers: { "transfer-encoding": "chunked" } })).status).toBe(200);
  });

  test("the number of rows can be confirmed, when it is right", async () => {
    const made = await scene(server, 3);
    const id = await addEmbedding(server, made, onLine(3));
    await server.call("PUT", `${made.path}/embeddings/${id}/isProcessed`, { body: { rowCount: 3 } });
    expect(await server.refusal("PUT", `${made.path}/embeddings/${id}/isProcessed`, { body: { rowCount: 4 } })).toMatchObject({ status: 400, code: "EMBEDDING_ROW_COUNT_INVALID" });
    expect((await server.refusal("PUT", `${made.path}/embeddings/${id}/isProcessed`, { body: { rowCount: "3" } })).message).toBe(`"rowCount" must be a number, got "3".`);
  });

  test("deleting takes the file along", async () => {
    const made = await scene(server, 2);
    const id = await addEmbedding(server, made, onLine(2));
    const read = await server.call<string>("GET", `${made.path}/embeddings/${id}/readCSVUrl`);
    expect(await touches(server, made.path, () => server.call("DELETE", `${made.path}/embeddings/${id}`, { body: {} }))).toBe(true);
    expect(await list(made.path)).toEqual([]);
    expect((await server.open(read)).status).toBe(404);
    await until("the removal of the files", async () => !(await server.files()).some((file) => file.includes(id)));
  });

  test("unknown, foreign and malformed embeddings are 404", async () => {
    const made = await scene(server, 1);
    const other = await scene(server, 1);
    for (const id of [await addEmbedding(server, other, [[1]]), "0".repeat(24), "latest", "%00"]) {
      for (const [method, end, body] of [
        ["DELETE", "", {}],
        ["GET", "/readCSVUrl", undefined],
        ["PUT", "/isProcessed", { rowCount: 1 }],
        ["POST", "/trigger2dEmbeddingsJob", { dimensionalityReductionMethod: "PCA" }],
        ["GET", "/2d", undefined],
        ["GET", `/2d/${"0".repeat(24)}`, undefined],
        ["POST", "/sampling", { newTagName: "a tag", method: "RANDOM", config: {} }],
      ] as const) expect(await server.refusal(method, `${made.path}/embeddings/${id}${end}`, { body }), `${id}${end}`).toMatchObject({ status: 404, code: "EMBEDDING_UNKNOWN" });
    }
  });
});

describeServer("Announced embeddings", (server) => {
  test("one whose file never came is forgotten after its address has expired", async () => {
    const made = await scene(server, 1);
    const { signedWriteUrl, embeddingId } = await server.call<{ signedWriteUrl: string; embeddingId: string }>("GET", `${made.path}/embeddings/writeCSVUrl`);
    // As a server leaves it that is killed while it reads the file.
    const blobs = await server.openBlobs();
    for (const end of [".csv.incoming", ".f32"]) await blobs.write(`datasets/${made.id}/embeddings/${embeddingId}${end}`, Buffer.from("half"));
    blobs.close();
    expect((await server.files()).filter((file) => file.includes(embeddingId))).toHaveLength(2);
    await until("the end of its time", async () => (await server.open(signedWriteUrl, { method: "PUT", raw: "x" })).status === 403);
    await until("forgetting it", async () => {
      await server.call("GET", `${made.path}/embeddings/writeCSVUrl`);
      return (await server.refusal("GET", `${made.path}/embeddings/${embeddingId}/readCSVUrl`)).status === 404;
    });
    expect((await server.files()).filter((file) => file.includes(embeddingId))).toEqual([]);
  });
}, { signedUrlSeconds: 1 });
