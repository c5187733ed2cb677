import type { CocoDataSet, FilenameAndReadUrl, LabelBoxDataRow, LabelStudioTask, SamaTasks } from "@winnow/contract";
import { SamaTasks as SamaTasksSchema } from "@winnow/contract";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { addTag, scene, until, type Scene } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";

const json = { accept: "application/json" };

async function withImages(server: ServerUnderTest, names: readonly string[], content: (name: string) => string | Buffer = (name) => `image ${name}`): Promise<Scene> {
  const made = await scene(server, names.map((fileName) => ({ fileName })));
  for (const [i, id] of made.sampleIds.entries()) {
    const { full } = await server.call<{ full: string }>("GET", `${made.path}/samples/${id}/writeurls`);
    await server.open(full, { method: "PUT", raw: content(names[i]!) });
  }
  return made;
}

/** Entries of a zip whose files are only stored. */
function unzip(bytes: Buffer): Record<string, string> {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06"));
  const entries: Record<string, string> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    if (name in entries) throw new Error(`twice in the archive: ${name}`);
    entries[name] = bytes.toString("utf8", start, start + size);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

describeServer("Exports", (server) => {
  const get = <Body>({ path, tagId }: Scene, kind: string, query: Record<string, string | number | boolean> = {}, headers: Record<string, string> = json) =>
    server.call<Body>("GET", `${path}/tags/${tagId}/export/${kind}`, { query, headers });

  test("file names: one text with a name a line, for clients a JSON string, else bare; or a list", async () => {
    const names = ["b.jpg", "sub folder/ü 猫.png", `quo"te\\slash.jpg`, "123"];
    const made = await scene(server, names.map((fileName) => ({ fileName, customMetaData: { a: 1 } })));
    const kind = "basic/filenames";
    const forClient = await server.request("GET", `${made.path}/tags/${made.tagId}/export/${kind}`, { headers: json });
    expect(forClient.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(forClient.body).toBe(names.join("\n"));
    const bare = await server.send("GET", `${made.path}/tags/${made.tagId}/export/${kind}`, { headers: { accept: "text/plain" } });
    expect([bare.headers["content-type"], bare.bytes.toString()]).toEqual(["text/plain; charset=utf-8", names.join("\n")]);
    for (const fileNameFormat of ["NAME", "DATASOURCE_FULL"]) expect(await get(made, kind, { fileNameFormat, format: "PLAIN" })).toBe(names.join("\n"));
    const list = await server.send("GET", `${made.path}/tags/${made.tagId}/export/${kind}`, { query: { format: "JSON" } });
    expect(list.body).toEqual(names);
    const rich = await server.send("GET", `${made.path}/tags/${made.tagId}/export/${kind}`, { query: { format: "JSON", includeMetaData: "True" } });
    expect((rich.body as { fileName: string; metaData: { customMetaData: unknown } }[])[1]).toMatchObject({ fileName: names[1], metaData: { customMetaData: { a: 1 } } });
    expect(await get(made, kind, { pageSize: 2, pageOffset: 1 })).toBe(names.slice(1, 3).join("\n"));
    expect(await get(made, kind, { pageSize: 2, pageOffset: 4 })).toBe("");
    expect(await get(made, kind, { pageOffset: "9".repeat(30) })).toBe("");
    expect(await get(made, kind, { previewExample: "True" })).toBe(names.slice(0, 3).join("\n"));
    const addresses = (await get<string>(made, kind, { fileNameFormat: "REDIRECTED_READ_URL" })).split("\n");
    expect(addresses).toHaveLength(4);
    for (const [i, address] of addresses.entries()) expect(new URL(address).pathname).toBe(`${made.path}/samples/${made.sampleIds[i]}/readurlRedirect`);
    const empty = await addTag(server, made, "nothing", []);
    expect(await get({ ...made, tagId: empty }, kind)).toBe("");
    for (const [query, field] of [[{ format: "XML" }, "format"], [{ fileNameFormat: "FULL" }, "fileNameFormat"], [{ expiresIn: 0 }, "expiresIn"], [{ expiresIn: "1e9" }, "expiresIn"], [{ includeMetaData: "yes" }, "includeMetaData"], [{ pageSize: 0 }, "pageSize"]] as const) {
      const { status, message } = await server.refusal("GET", `${made.path}/tags/${made.tagId}/export/${kind}`, { query });
      expect([status, message.includes(`"${field}"`)], message).toEqual([400, true]);
    }
  });

  test("a thousand and more names come in one piece", async () => {
    const made = await scene(server, 3_000);
    expect((await get<string>(made, "basic/filenames")).split("\n")).toEqual(made.fileNames);
    const odd = await addTag(server, made, "every second", made.fileNames.map((_, i) => i).filter((i) => i % 2 === 1));
    expect((await get<string>({ ...made, tagId: odd }, "basic/filenames")).split("\n")).toEqual(made.fileNames.filter((_, i) => i % 2 === 1));
  });

  test("tasks for the labelling tools, with every default usable", async () => {
    const made = await withImages(server, ["a.jpg", "b.jpg"]);
    const studio = await get<LabelStudioTask[]>(made, "LabelStudio/tasks");
    expect(studio.map(({ id, data }) => [id, data.lightlyFileName])).toEqual([[0, "a.jpg"], [1, "b.jpg"]]);
    expect(studio[0]!.data).not.toHaveProperty("lightlyMetaInfo");
    const rich = await get<LabelStudioTask[]>(made, "LabelStudio/tasks", { includeMetaData: true, pageOffset: 1, pageSize: 5 });
    expect(rich).toHaveLength(1);
    expect(rich[0]).toMatchObject({ id: 1, data: { lightlyMetaInfo: { id: made.sampleIds[1], fileName: "b.jpg", index: 1 } } });
    const box = await get<LabelBoxDataRow[]>(made, "LabelBox/datarows");
    expect(box.map(({ externalId }) => externalId)).toEqual(["a.jpg", "b.jpg"]);
    const urls = await get<FilenameAndReadUrl[]>(made, "basic/filenamesAndReadUrls");
    expect(urls.map(({ fileName }) => fileName)).toEqual(["a.jpg", "b.jpg"]);
    // Clients generated from 1.2 read one object, the others a list.
    const old = await get<SamaTasks>(made, "Sama/tasks", { includeMetaData: true }, { ...json, "user-agent": "Swagger-Codegen/1.0.0/python" });
    expect(old.tasks.map(({ data }) => [data.id, data.lightlyFileName, (JSON.parse(data.lightlyMetaInfo!) as { id: string }).id])).toEqual(made.sampleIds.map((id, i) => [i, `${"ab"[i]}.jpg`, id]));
    const list = await server.call<SamaTasks["tasks"]>("GET", `${made.path}/tags/${made.tagId}/export/Sama/tasks`, { headers: { "user-agent": "Lightly/1.2.44" }, schema: SamaTasksSchema.properties.tasks });
    expect(list).toHaveLength(2);
    for (const [i, address] of [studio[0]!.data.image, box[1]!.imageUrl, urls[0]!.readUrl, list[1]!.data.url].entries()) {
      const redirect = await server.open(address);
      expect([redirect.status, redirect.headers["access-control-allow-origin"]]).toEqual([302, "*"]);
      expect((await server.open(redirect.headers["location"] as string)).bytes.toString()).toBe(`image ${"ab"[i % 2]}.jpg`);
    }
  });

  test("a public token opens the images of its dataset, to read, and nothing else", async () => {
    const made = await withImages(server, ["a.jpg"]);
    const other = await withImages(server, ["a.jpg"]);
    const address = new URL((await get<LabelBoxDataRow[]>(made, "LabelBox/datarows"))[0]!.imageUrl);
    const publicToken = address.searchParams.get("publicToken")!;
    const open = (path: string, method = "GET", token = publicToken, body?: unknown) => server.send(method, path, { token: null, query: { publicToken: token, type: "full", isThumbnail: "True", field: "_id" }, body });
    expect((await open(`${made.path}/samples/${made.sampleIds[0]}/readurlRedirect`)).status).toBe(302);
    for (const [method, path, body] of [
      ["GET", `${other.path}/samples/${other.sampleIds[0]}/readurlRedirect`],
      ["GET", made.path],
      ["GET", `${made.path}/samples`],
      ["GET", `${made.path}/samples/${made.sampleIds[0]}`],
      ["GET", `${made.path}/samples/${made.sampleIds[0]}/readurl`],
      ["GET", `${made.path}/samples/${made.sampleIds[0]}/writeurl`],
      ["GET", `${made.path}/mappings`],
      ["POST", `${made.path}/samples`, { fileName: "x.jpg" }],
      ["DELETE", made.path],
    ] as const) expect((await open(path, method, publicToken, body)).status, `${method} ${path}`).toBe(401);
    for (const token of ["", "x", `${publicToken}x`, publicToken.split(".")[0]!, publicToken.replace(/^./, "A")]) expect((await open(address.pathname, "GET", token)).status, token).toBe(401);
    expect((await open(`${made.path}/samples/${"0".repeat(24)}/readurlRedirect`)).status).toBe(404);
    // Who is signed in needs no public token, and a stranger's own token opens nothing.
    expect((await server.request("GET", address.pathname, { query: { type: "full" } })).status).toBe(302);
    const stranger = await server.addUser();
    expect((await server.refusal("GET", address.pathname, { query: { type: "full" }, token: stranger.token })).status).toBe(404);
  });

  test("addresses for signed-in users carry no token; other kinds are unknown", async () => {
    const made = await withImages(server, ["a.jpg"]);
    const [row] = await get<LabelBoxDataRow[]>(made, "LabelBox/datarows", { accessControl: "default" });
    expect(row!.imageUrl).not.toContain("oken");
    expect((await server.open(row!.imageUrl)).status).toBe(401);
    expect((await server.open(row!.imageUrl, { token: server.ownerToken })).status).toBe(302);
    expect(await server.refusal("GET", `${made.path}/tags/${made.tagId}/export/LabelBox/datarows`, { query: { accessControl: "everyone" } })).toMatchObject({ status: 400, code: "ACCESS_CONTROL_UNKNOWN" });
  });

  test("addresses work as long as was asked for, else seven days", async () => {
    const made = await withImages(server, ["a.jpg"]);
    const expiry = async (query: Record<string, number>) => {
      const [row] = await get<LabelBoxDataRow[]>(made, "LabelBox/datarows", query);
      const [facts] = new URL(row!.imageUrl).searchParams.get("publicToken")!.split(".");
      return { address: row!.imageUrl, seconds: (JSON.parse(Buffer.from(facts!, "base64url").toString()) as { expires: number }).expires - Date.now() / 1000 };
    };
    expect((await expiry({})).seconds / 86_400).toBeCloseTo(7, 2);
    expect((await expiry({ expiresIn: 3600 })).seconds / 3600).toBeCloseTo(1, 1);
    const { address } = await expiry({ expiresIn: 1 });
    expect((await server.open(address)).status).toBe(302);
    await until("its end", async () => (await server.open(address)).status === 401, 5_000);
  });

  test("a zip holds the images under names that stay inside the folder where it is unpacked", async () => {
    const names = ["a.jpg", "sub/b.jpg", "../../etc/passwd", "/absolute.jpg", "C:\\windows\\x.jpg", "sub/../c.jpg", "c.jpg", "sub//c.jpg", "A.JPG", "..", "ü 猫.jpg", "./a.jpg"];
    const made = await withImages(server, names);
    const reply = await server.send("GET", `${made.path}/tags/${made.tagId}/export/zip`, { headers: { accept: "application/zip" } });
    expect([reply.status, reply.headers["content-type"], reply.headers["content-disposition"]]).toEqual([200, "application/zip", `attachment; filename="initial-tag.zip"; filename*=UTF-8''initial-tag.zip`]);
    const entries = unzip(reply.bytes);
    expect(Object.values(entries).toSorted()).toEqual(names.map((name) => `image ${name}`).toSorted());
    for (const name of Object.keys(entries)) {
      expect(name).not.toMatch(/^\/|^\w:|\\/);
      expect(name.split("/")).not.toContain("..");
    }
    expect(entries).toMatchObject({ "a.jpg": "image a.jpg", "sub/b.jpg": "image sub/b.jpg", "etc/passwd": "image ../../etc/passwd", "absolute.jpg": "image /absolute.jpg", "ü 猫.jpg": "image ü 猫.jpg" });
    // Clients that want JSON get an address, which works by itself.
    const address = await get<string>(made, "zip");
    expect(Object.keys(unzip((await server.open(address)).bytes))).toHaveLength(names.length);
    const wrong = new URL(address);
    wrong.pathname = wrong.pathname.replace(made.tagId, (await scene(server, 1)).tagId);
    expect((await server.open(wrong.href)).status).toBe(403);
  });

  test("a zip of nothing or of too much is refused; samples without image are left out", async () => {
    const none = await scene(server, 3);
    for (const headers of [json, { accept: "*/*" }]) {
      if (headers === json) continue;
      expect(await server.refusal("GET", `${none.path}/tags/${none.tagId}/export/zip`, { headers })).toMatchObject({ status: 404 });
    }
    const many = await scene(server, 1001);
    expect((await server.refusal("GET", `${many.path}/tags/${many.tagId}/export/zip`, { headers: { accept: "*/*" } })).message).toContain("at most 1000 images");
  });

  test.runIf(process.platform === "linux")("a download that breaks off leaves no file open", async () => {
    const made = await withImages(server, ["a.jpg", "b.jpg"], () => randomBytes(8 * 1024 * 1024));
    const open = async () => (await Promise.all((await readdir("/proc/self/fd")).map(async (fd) => (await import("node:fs/promises")).readlink(`/proc/self/fd/${fd}`).catch(() => "")))).filter((target) => target.includes(made.id)).length;
    const { hostname, port, pathname, search } = new URL(await get<string>(made, "zip"));
    for (let i = 0; i < 3; i++) {
      const socket = connect(Number(port), hostname);
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: x\r\n\r\n`);
      await new Promise((resolve) => socket.once("data", resolve));
      socket.pause();
      await until("reading", async () => (await open()) > 0);
      socket.destroy();
      await until("the end of reading", async () => (await open()) === 0, 5_000);
    }
  });

  describe("COCO", () => {
    const at = { predictionUUIDTimestamp: 1_700_000_000_000 };
    const box = (categoryId: number, score: number, bbox: readonly number[]) => ({ type: "OBJECT_DETECTION", taskName: "cars", categoryId, score, bbox });
    async function withTask(made: Scene, name: string, type: string, predictions: readonly (readonly object[])[], query = at): Promise<void> {
      await server.call("POST", `${made.path}/predictions/tasks`, { query, body: { name, type, categories: [{ id: 0, name: "car" }, { id: 7, name: "truck" }] } });
      await server.call("POST", `${made.path}/predictions/bulk`, { query, body: { taskName: name, predictions: predictions.map((singletons, i) => ({ sampleId: made.sampleIds[i], singletons })) } });
    }
    const measured = (count: number) => scene(server, Array.from({ length: count }, (_, i) => ({ fileName: `street/${i}.jpg`, ...(i < 3 && { metaData: { shape: [3, 4, 3] } }) })));

    test("images, boxes and categories of a tag, and of nothing else", async () => {
      const made = await measured(5);
      await withTask(made, "cars", "OBJECT_DETECTION", [[box(0, 0.9, [1, 0, 2, 3])], [], [box(7, 0.5, [0, 0, 4, 1]), box(0, 0.2, [2, 1, 1, 1])], [box(0, 1, [0, 0, 9, 9])], [box(0, 0.7, [5, 5, 5, 5])]]);
      const tagId = await addTag(server, made, "chosen", [0, 2, 3]);
      const exported = await get<CocoDataSet>({ ...made, tagId }, "COCO");
      expect(exported).toEqual({
        images: [
          { id: 1, file_name: "street/0.jpg", width: 4, height: 3 },
          { id: 3, file_name: "street/2.jpg", width: 4, height: 3 },
          { id: 4, file_name: "street/3.jpg" },
        ],
        annotations: [
          { id: 1, image_id: 1, category_id: 0, bbox: [1, 0, 2, 3], area: 6, iscrowd: 0, score: 0.9 },
          { id: 2, image_id: 3, category_id: 7, bbox: [0, 0, 4, 1], area: 4, iscrowd: 0, score: 0.5 },
          { id: 3, image_id: 3, category_id: 0, bbox: [2, 1, 1, 1], area: 1, iscrowd: 0, score: 0.2 },
          { id: 4, image_id: 4, category_id: 0, bbox: [0, 0, 9, 9], area: 81, iscrowd: 0, score: 1 },
        ],
        categories: [
          { id: 0, name: "car", supercategory: "cars" },
          { id: 7, name: "truck", supercategory: "cars" },
        ],
        info: { description: expect.stringContaining("chosen, annotated by cars") as string, leftOut: 0 },
      });
      const sure = await get<CocoDataSet>({ ...made, tagId }, "COCO", { scoreMin: 0.5, taskName: "cars" });
      expect(sure.annotations.map(({ id, score }) => [id, score])).toEqual([[1, 0.9], [2, 0.5], [3, 1]]);
      const preview = await get<CocoDataSet>(made, "COCO", { previewExample: true });
      expect([preview.images.map(({ id }) => id), preview.annotations.length]).toEqual([[1, 2, 3], 3]);
      const nothing = await get<CocoDataSet>({ ...made, tagId: await addTag(server, made, "nothing", []) }, "COCO");
      expect(nothing).toMatchObject({ images: [], annotations: [], categories: [{ name: "car" }, { name: "truck" }] });
    });

    test("masks as compressed run lengths, key points with their number; what can't be one is counted", async () => {
      const made = await measured(4);
      const mask = (segmentation: string) => ({ type: "INSTANCE_SEGMENTATION", taskName: "outlines", categoryId: 0, score: 1, segmentation });
      await withTask(made, "outlines", "INSTANCE_SEGMENTATION", [[mask("1,2,2,1,6"), mask("12")], [mask("4 2")], [], [mask("1,2,9")]]);
      const { annotations, info } = await get<CocoDataSet>(made, "COCO");
      expect(annotations).toEqual([{ id: 1, image_id: 1, category_id: 0, bbox: [1, 0, 2, 2], area: 3, iscrowd: 0, score: 1, segmentation: { size: [3, 4], counts: "321O4" } }]);
      expect(info.leftOut).toBe(3);

      const person = await measured(1);
      await withTask(person, "joints", "KEYPOINT_DETECTION", [[{ type: "KEYPOINT_DETECTION", taskName: "joints", categoryId: 7, score: 1, keypoints: [1, 2, 1, 0, 0, 0, 3, 1, 1] }]]);
      const joints = await get<CocoDataSet>(person, "COCO");
      expect(joints.annotations[0]).toMatchObject({ keypoints: [1, 2, 2, 0, 0, 0, 3, 1, 2], num_keypoints: 2, bbox: [1, 1, 2, 1] });
      expect(joints.categories[1]).toEqual({ id: 7, name: "truck", supercategory: "joints", keypoints: ["point 1", "point 2", "point 3"], skeleton: [] });
      expect(joints.categories[0]).not.toHaveProperty("keypoints");
    });

    test("which task it is must be clear; the newest version of it counts", async () => {
      const made = await measured(2);
      expect(await get<CocoDataSet>(made, "COCO")).toMatchObject({ images: [{ id: 1 }, { id: 2 }], annotations: [], categories: [], info: { leftOut: 0 } });
      await withTask(made, "weather", "CLASSIFICATION", [[{ type: "CLASSIFICATION", taskName: "weather", categoryId: 0, score: 1 }]]);
      await withTask(made, "cars", "OBJECT_DETECTION", [[box(0, 0.1, [0, 0, 1, 1])]]);
      await withTask(made, "cars", "OBJECT_DETECTION", [[box(7, 0.9, [0, 0, 2, 2])]], { predictionUUIDTimestamp: at.predictionUUIDTimestamp + 1 });
      expect((await get<CocoDataSet>(made, "COCO")).annotations.map(({ category_id }) => category_id)).toEqual([7]);
      expect((await get<CocoDataSet>(made, "COCO", at)).annotations.map(({ category_id }) => category_id)).toEqual([0]);
      await withTask(made, "people", "OBJECT_DETECTION", []);
      const refused = (query: Record<string, string | number>) => server.refusal("GET", `${made.path}/tags/${made.tagId}/export/COCO`, { query });
      const unclear = await refused({});
      expect([unclear.status, unclear.message]).toEqual([400, expect.stringMatching(/"taskName" must say which.*"cars", "people"|"people", "cars"/)]);
      expect((await refused({ taskName: "weather" })).message).toContain("classes of whole images");
      expect((await refused({ taskName: "planes" })).status).toBe(404);
      expect((await refused({ taskName: "cars", scoreMin: 2 })).message).toContain('"scoreMin"');
    });

    test("thousands of samples come whole", async () => {
      const count = 2_500;
      const made = await scene(server, count);
      await server.call("POST", `${made.path}/predictions/tasks`, { query: at, body: { name: "cars", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "car" }] } });
      await server.call("POST", `${made.path}/predictions/bulk`, { query: at, body: { taskName: "cars", predictions: made.sampleIds.map((sampleId, i) => ({ sampleId, singletons: [box(0, 1, [i, 0, 1, 1])] })) } });
      const { images, annotations } = await get<CocoDataSet>(made, "COCO");
      expect(images.length).toBe(count);
      expect(annotations.every(({ id, image_id, bbox }, i) => id === i + 1 && image_id === i + 1 && bbox[0] === i)).toBe(true);
      expect(annotations.length).toBe(count);
    });
  });
});
