import fc from "fast-check";
import { expect, test } from "vitest";
import { attachment } from "../blobs/routes.ts";
import { addTag, scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, schedule } from "../testing/worker-scenes.ts";

const active = /^(text\/html|image\/svg|application\/xhtml|text\/xml|application\/xml|text\/javascript|application\/javascript)/i;

describeServer("What is sent stays what it is", (server) => {
  test("nothing is sniffed, and what users write never comes as a page", async () => {
    const made = await scene(server, 1);
    await addTag(server, made, "plain", [0]);
    const script = "<script>alert(1)</script>";
    for (const [method, path] of [
      ["GET", made.path],
      ["GET", "/openapi.json"],
      ["GET", "/healthz"],
      ["GET", `/v1/datasets/${encodeURIComponent(script)}`],
      ["GET", `/nowhere/${encodeURIComponent(script)}`],
      ["GET", `/v1/datasets/query/name/${encodeURIComponent(script)}`],
      ["POST", "/v1/datasets"],
      ["GET", `${made.path}/tags/${made.tagId}/export/basic/filenames`],
    ] as const) {
      const { headers } = await server.send(method, path, { headers: { accept: "text/html" }, body: method === "POST" ? { name: script } : undefined });
      expect([path, headers["x-content-type-options"]]).toEqual([path, "nosniff"]);
      expect(String(headers["content-type"]), path).not.toMatch(active);
    }
  });

  test("files of a run: pages and drawings are saved, not shown, under the name they have", async () => {
    const made = await scene(server, 1);
    const runId = await begin(server, made, await addWorker(server), await schedule(server, made));
    for (const [fileName, saved] of [["page.html", "page.html"], ["drawing.svg", "drawing.svg"], ["a\"; filename=\"evil.exe.html", "evil.exe.html"], ["ü/ä.xhtml", ".xhtml"]] as const) {
      const { artifactId, signedWriteUrl } = await server.call<{ artifactId: string; signedWriteUrl: string }>("POST", `/v1/docker/runs/${runId}/artifacts`, { body: { fileName, type: "LOG" } });
      await server.open(signedWriteUrl, { method: "PUT", raw: "<script>alert(1)</script>", headers: { "content-type": "text/html" } });
      await server.call("PUT", `/v1/docker/runs/${runId}/artifacts/${artifactId}/confirmUpload`);
      const { headers } = await server.open(await server.call<string>("GET", `/v1/docker/runs/${runId}/artifacts/${artifactId}/readurl`));
      expect(headers["content-type"]).toBe("application/octet-stream");
      expect(headers["content-security-policy"]).toContain("sandbox");
      expect(headers["content-disposition"]).toMatch(/^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w.%!~-]*$/);
      expect(decodeURIComponent(String(headers["content-disposition"]).split("''")[1]!)).toContain(saved);
    }
  });

  test("names with line breaks end no header", async () => {
    const made = await scene(server, 1);
    const runId = await begin(server, made, await addWorker(server), await schedule(server, made));
    for (const fileName of ["a\r\nset-cookie: x=y.html", "a\nb", "a\0b"]) {
      const { status } = await server.send("POST", `/v1/docker/runs/${runId}/artifacts`, { body: { fileName, type: "LOG" } });
      if (status === 400) continue;
      expect(status).toBe(201);
    }
    const reply = await server.send("GET", `/v1/datasets/%0d%0aset-cookie:%20x=y`);
    expect(reply.headers["set-cookie"]).toBeUndefined();
  });
});

test("a name for saving is one header, whatever it is called, and comes back as it was", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.constantFrom("a\r\nb", 'x"; filename="y', "a\\", "../../etc/passwd", "\u202egnp.exe", "")), (name) => {
      const value = attachment(name);
      expect(value).toMatch(/^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})*$/);
      expect(decodeURIComponent(value.split("''")[1]!)).toBe(name.slice(name.lastIndexOf("/") + 1));
    }),
  );
});
