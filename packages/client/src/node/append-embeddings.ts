import { open } from "node:fs/promises";
import { domains } from "@winnow/contract";
import { CsvError, type RecordBlock, csvRecords, firstField, splitRecord } from "@winnow/formats";
import { RuntimeError } from "../errors.ts";
import type { EmbeddingsContext } from "./context.ts";
import { piecesAt, readPlaces, replaceFile, rowsAt } from "./embeddings-file.ts";

const LINE_END = Uint8Array.of(10);

/** See `EmbeddingMembers.appendEmbeddings`. */
export async function appendEmbeddings({ client, transport, datasetId, signal }: EmbeddingsContext, path: string, embeddingId: string): Promise<void> {
  const readUrl = await client.call(domains.embeddings.getEmbeddingsCsvReadUrlById, { path: { datasetId, embeddingId }, signal });
  let localColumns = 0;
  const offsets: number[] = [];
  const lengths: number[] = [];
  // Of two rows with one name the last counts, in the place of the first.
  const local = new Map<string, number>();
  await readPlaces(
    path,
    {
      header(columns) {
        localColumns = columns.length;
      },
      row(fileName, offset, length) {
        local.set(fileName, offsets.length);
        offsets.push(offset);
        lengths.push(length);
      },
    },
    signal,
  );

  const remote = await transport.download(readUrl, { signal });
  const file = await open(path, "r");
  try {
    await replaceFile(path, async (write) => {
      let begun = false;
      try {
        for await (const block of csvRecords(remote.body)) {
          let first = 0;
          if (!begun) {
            begun = true;
            const columns = splitRecord(block, 0).length;
            if (columns !== localColumns) throw new RuntimeError(`the local embeddings file has ${localColumns} columns and the one on the server has ${columns}; they must be the same`);
            await write(record(block, 0));
            await write(LINE_END);
            first = 1;
          }
          await write(await merged(block, first));
        }
      } catch (error) {
        if (error instanceof CsvError) throw new RuntimeError(`the embeddings file on the server: ${error.message}`, { cause: error });
        throw error;
      }
      if (!begun) throw new RuntimeError("the embeddings file on the server is empty");
      const rest = [...local.values()];
      for await (const rows of rowsAt(file, { offsets: rest.map((at) => offsets[at]!), lengths: rest.map((at) => lengths[at]!) })) await write(rows);
    });
  } finally {
    await file.close();
  }

  /** The server's rows of a block, local ones in the place of those with the same name. */
  async function merged(block: RecordBlock, first: number): Promise<Uint8Array> {
    const replaced: { readonly at: number; readonly place: number }[] = [];
    const rows: Uint8Array[] = [];
    for (let i = first; i < block.count; i++) {
      if (block.start[i] === block.end[i]) continue; // an empty line is no row
      const name = firstField(block, i);
      const place = local.get(name);
      if (place !== undefined) {
        local.delete(name);
        replaced.push({ at: rows.length, place });
      }
      rows.push(record(block, i));
    }
    const pieces = await piecesAt(file, { offsets: replaced.map(({ place }) => offsets[place]!), lengths: replaced.map(({ place }) => lengths[place]!) });
    replaced.forEach(({ at }, i) => (rows[at] = pieces[i]!));
    return Buffer.concat(rows.flatMap((row) => [row, LINE_END]));
  }
}

function record(block: RecordBlock, i: number): Uint8Array {
  return block.bytes.subarray(block.start[i]!, block.end[i]!);
}
