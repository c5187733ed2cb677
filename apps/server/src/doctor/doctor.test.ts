import type { Kysely } from "kysely";
import { expect, test } from "vitest";
import { embeddingCsvKey, embeddingMatrixKey } from "../blobs/addresses.ts";
import type { Schema } from "../db/schema.ts";
import { addEmbedding, scene, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { examine } from "./examination.ts";

const vectors = (rows: number, columns: number) => Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_column, j) => Math.sin(1 + i * (j + 1))));

describeServer("Doctor", (server) => {
  /** What is found, by check. */
  async function found(now?: number): Promise<Record<string, string[]>> {
    const [db, blobs] = [await server.openDatabase(), await server.openBlobs()];
    try {
      const outcomes = await examine(db, blobs, { ...(now !== undefined && { now }) });
      return Object.fromEntries(outcomes.filter(({ count }) => count > 0).map(({ check, findings }) => [check, findings.map(({ what }) => what)]));
    } finally {
      blobs.close();
      await db.destroy();
    }
  }

  async function harm(work: (db: Kysely<Schema>) => Promise<unknown>): Promise<void> {
    const db = await server.openDatabase();
    await work(db).finally(() => db.destroy());
  }

  test("a server that was used is well", async () => {
    const made = await scene(server, 20);
    await addEmbedding(server, made, vectors(20, 4));
    const gone = await scene(server, 5);
    await server.call("DELETE", gone.path);
    expect(await found()).toEqual({});
  });

  const harms: readonly [string, string, (made: Scene, db: Kysely<Schema>, embedding: string) => Promise<unknown>][] = [
    ["a lost sample", "the order of samples has no gap", (made, db) => db.deleteFrom("samples").where("dataset_id", "=", made.id).where("ordinal", "=", 7).execute()],
    ["a wrong number of samples", "the order of samples has no gap", (made, db) => db.updateTable("datasets").set({ n_samples: 21 }).where("id", "=", made.id).execute()],
    ["a mask beyond the dataset", "tags, scores and selections fit their dataset", (made, db) => db.updateTable("tags").set({ mask: new Uint8Array([255, 255, 255, 1]) }).where("id", "=", made.tagId).execute()],
    ["a lost parent", "tags come from tags of their dataset", (made, db) => db.updateTable("tags").set({ prev_tag_id: "0".repeat(24) }).where("id", "=", made.tagId).execute()],
    ["an embedding of another size", "embeddings have their files, in the size that they say", (_made, db, embedding) => db.updateTable("embeddings").set({ columns: 5 }).where("id", "=", embedding).execute()],
  ];
  test.each(harms)("%s is found", async (_, check, work) => {
    const made = await scene(server, 20);
    const embedding = await addEmbedding(server, made, vectors(20, 4));
    await harm((db) => work(made, db, embedding));
    const { [check]: said, ...others } = await found();
    expect(said?.length).toBe(1);
    expect(others).toEqual({});
    await server.call("DELETE", made.path);
  });

  // Its rows and files go one after the other, so what must hold of them no longer does.
  test.each([
    ...harms,
    ["a wrong number of predictions", "prediction tasks count what they hold", (made, db) => db.insertInto("prediction_tasks").values({ number: 987_654, id: "1".repeat(24), dataset_id: made.id, timestamp: 1, name: "boxes", type: "OBJECT_DETECTION", categories: "[]", samples: 3, singletons: 3, created_at: 1, last_modified_at: 1 }).execute()],
    ["a lost report", "reports and artifacts of runs have their files", (made, db) => db.insertInto("runs").values({ id: "2".repeat(24), user_id: db.selectFrom("datasets").select("user_id").where("id", "=", made.id), dataset_id: made.id, version: "1", state: "COMPLETED", report_available: 1, created_at: 1, last_modified_at: 1 }).execute()],
  ] satisfies typeof harms)("%s is no matter in a dataset that is being deleted", async (_, check, work) => {
    const made = await scene(server, 20);
    const embedding = await addEmbedding(server, made, vectors(20, 4));
    await harm((db) => work(made, db, embedding));
    expect(Object.keys(await found())).toEqual([check]);
    const deletedAt = (moment: number | null) => harm((db) => db.updateTable("datasets").set({ deleted_at: moment }).where("id", "=", made.id).execute());
    await deletedAt(Date.now());
    expect(await found()).toEqual({});
    await deletedAt(null);
    await server.call("DELETE", made.path);
  });

  test("lost files are found, and files of nobody, once they are old enough", async () => {
    const made = await scene(server, 20);
    const embedding = await addEmbedding(server, made, vectors(20, 4));
    const blobs = await server.openBlobs();
    const stray = embeddingCsvKey(made.id, "0".repeat(24));
    await blobs.remove(embeddingMatrixKey(made.id, embedding));
    await blobs.write(stray, Buffer.from("x"));
    blobs.close();
    expect(await found()).toEqual({ "embeddings have their files, in the size that they say": [expect.stringContaining("no file")] });
    const later = await found(Date.now() + 25 * 3_600_000);
    expect(later["every file belongs to something"]).toEqual([expect.stringContaining(stray)]);
  });
});
