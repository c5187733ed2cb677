import type { ActiveLearningScoreData, TagActiveLearningScoresData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addTag, scene, touches } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Scores", (server) => {
  test("scores of a tag are stored by type, replaced when they come again, listed newest first", async () => {
    const made = await scene(server, 4);
    const at = `${made.path}/tags/${await addTag(server, made, "some", [1, 3])}/scores`;
    const post = async (scoreType: string, scores: number[]) => (await server.call<{ id: string }>("POST", at, { body: { scoreType, scores } })).id;
    const first = await post("uncertainty_margin", [0.25, -1e300]);
    const second = await post("my/own:type@1.0,a+b=c", [1, 2]);
    expect(await server.call<ActiveLearningScoreData>("GET", `${at}/${first}`)).toEqual({ id: first, tagId: at.split("/")[5], scoreType: "uncertainty_margin", scores: [0.25, -1e300], createdAt: expect.any(Number) });
    const types = async () => (await server.call<TagActiveLearningScoresData[]>("GET", at)).map((one) => one.scoreType);
    expect(await types()).toEqual(["my/own:type@1.0,a+b=c", "uncertainty_margin"]);
    // The one sent last stands first, even when all are sent in one millisecond.
    for (let i = 0; i < 8; i++) {
      const [a, b] = i % 2 ? (["uncertainty_margin", "my/own:type@1.0,a+b=c"] as const) : (["my/own:type@1.0,a+b=c", "uncertainty_margin"] as const);
      expect([await post(a, [i, 0]), await post(b, [0, i])].toSorted()).toEqual([first, second].toSorted());
      expect(await types()).toEqual([b, a]);
    }
    expect((await server.call<ActiveLearningScoreData>("GET", `${at}/${second}`)).scores).toEqual([0, 7]);
    expect(await touches(server, made.path, () => post("uncertainty_margin", [1, 1]))).toBe(true);
  });

  test("one finite number for each sample of the tag", async () => {
    const made = await scene(server, 3);
    const at = `${made.path}/tags/${made.tagId}/scores`;
    for (const [body, told] of [
      [{ scoreType: "a", scores: [1, 2] }, `"scores" must have one number for each of the 3 samples`],
      [{ scoreType: "a", scores: [1, 2, 3, 4] }, `"scores" must have one number for each of the 3 samples`],
      [{ scoreType: "a", scores: [] }, `"scores" must have at least 1 entries`],
      [{ scoreType: "a", scores: [1, "2", 3] }, `"scores[1]" must be a number, got "2"`],
      [{ scoreType: "a", scores: 3 }, `"scores" must be a list, got 3`],
      [{ scoreType: "", scores: [1, 2, 3] }, `"scoreType" must have at least 1 characters`],
      [{ scoreType: "with blank", scores: [1, 2, 3] }, `"scoreType" must match`],
      [{ scores: [1, 2, 3] }, `"scoreType" is missing`],
    ] as const) {
      const { status, message } = await server.refusal("POST", at, { body });
      expect(status).toBe(400);
      expect(message).toContain(told);
    }
    for (const number of ["NaN", "Infinity", "-Infinity", "1e999"]) {
      const { status, message } = await server.refusal("POST", at, { raw: `{"scoreType":"a","scores":[1,${number},3]}` });
      expect([status, message.includes(`"scores[1]" must be a`)], number).toEqual([400, true]);
    }
    expect(await server.call("GET", at)).toEqual([]);
  });

  test("scores go with their tag, and are those of the tag in the path", async () => {
    const made = await scene(server, 2);
    const tag = await addTag(server, made, "some", [0]);
    const { id } = await server.call<{ id: string }>("POST", `${made.path}/tags/${tag}/scores`, { body: { scoreType: "a", scores: [1] } });
    expect(await server.refusal("GET", `${made.path}/tags/${made.tagId}/scores/${id}`)).toMatchObject({ status: 404, code: "SCORE_UNKNOWN" });
    for (const unknown of ["0".repeat(24), "x", "%00"]) expect((await server.refusal("GET", `${made.path}/tags/${tag}/scores/${unknown}`)).code).toBe("SCORE_UNKNOWN");
    await server.call("DELETE", `${made.path}/tags/${tag}`);
    expect((await server.refusal("GET", `${made.path}/tags/${tag}/scores/${id}`)).code).toBe("TAG_UNKNOWN");
  });
});
