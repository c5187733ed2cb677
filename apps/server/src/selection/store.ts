import type { Database } from "../db/database.ts";
import type { SelectionTable } from "../db/schema.ts";

export async function insertSelection(db: Database, row: SelectionTable): Promise<void> {
  await db.insertInto("selections").values(row).execute();
}

export async function findSelection(db: Database, tagId: string): Promise<SelectionTable | undefined> {
  return db.selectFrom("selections").selectAll().where("tag_id", "=", tagId).executeTakeFirst();
}

export function numberBytes(numbers: Float64Array | Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
