import { open } from "node:fs/promises";
import { domains } from "@winnow/contract";
import { EmbeddingDoesNotExistError, RuntimeError, ValueError } from "../errors.ts";
import { appendEmbeddings } from "./append-embeddings.ts";
import type { EmbeddingsContext } from "./context.ts";
import { keepUploadedColumns, readPlaces, rowsAt } from "./embeddings-file.ts";
import { timeStamp } from "./time-stamp.ts";

/** See `EmbeddingMembers.uploadEmbeddings`. */
export async function uploadEmbeddings(context: EmbeddingsContext, path: string, name: string): Promise<void> {
  const { client, transport, datasetId, signal } = context;
  await keepUploadedColumns(path, signal);
  let newName = name;
  try {
    const { id } = await client.getEmbeddingByName(name, { ignoreSuffix: true, signal });
    await appendEmbeddings(context, path, id);
    newName = `${name}_${timeStamp(new Date())}`;
  } catch (error) {
    if (!(error instanceof EmbeddingDoesNotExistError)) throw error;
  }

  const { header, offsets, lengths } = await ordered(context, path);
  const { signedWriteUrl, embeddingId } = await client.call(domains.embeddings.getEmbeddingsCsvWriteUrlById, { path: { datasetId }, query: { name: newName }, signal });
  const file = await open(path, "r");
  try {
    await transport.upload(
      signedWriteUrl,
      {
        // Known beforehand, since stores refuse bodies of unknown length.
        size: header.length + 1 + lengths.reduce((sum, length) => sum + length + 1, 0),
        async *stream() {
          yield* rowsAt(file, { offsets: [header.offset], lengths: [header.length] });
          yield* rowsAt(file, { offsets, lengths });
        },
      },
      { signal },
    );
  } finally {
    await file.close();
  }
  client.embeddingId = embeddingId;
  for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"] as const) {
    await client.call(domains.embeddings.trigger2dEmbeddingsJob, { path: { datasetId, embeddingId }, body: { dimensionalityReductionMethod }, signal });
  }
}

/** Where each sample's row lies in the file, by ordinal. */
async function ordered({ client, signal }: EmbeddingsContext, path: string): Promise<{ header: { offset: number; length: number }; offsets: Float64Array; lengths: Uint32Array }> {
  const names = await client.getFilenames({ signal });
  const ordinals = new Map(names.map((fileName, ordinal) => [fileName, ordinal]));
  const offsets = new Float64Array(names.length).fill(-1);
  const lengths = new Uint32Array(names.length);
  const header = { offset: 0, length: 0 };
  const commas: string[] = [];
  let rows = 0;
  let firstUnknown: string | undefined;
  let firstRepeated: string | undefined;
  await readPlaces(
    path,
    {
      header(_, offset, length) {
        Object.assign(header, { offset, length });
      },
      row(fileName, offset, length) {
        rows++;
        if (fileName.includes(",") && commas.length < 5) commas.push(fileName);
        const ordinal = ordinals.get(fileName);
        if (ordinal === undefined) {
          firstUnknown ??= fileName;
          return;
        }
        if (offsets[ordinal] !== -1) firstRepeated ??= fileName;
        offsets[ordinal] = offset;
        lengths[ordinal] = length;
      },
    },
    signal,
  );
  const example =
    firstUnknown !== undefined ? `; the server has no ${JSON.stringify(firstUnknown)}` : firstRepeated !== undefined ? `; ${JSON.stringify(firstRepeated)} has several` : "";
  const missing = offsets.indexOf(-1);
  const without = missing === -1 ? "" : `; ${JSON.stringify(names[missing])} has none`;
  if (rows !== names.length) throw new ValueError(`the embeddings file has ${rows} rows, but there are ${names.length} samples on the server${example}${without}`);
  if (missing !== -1 || firstUnknown !== undefined) throw new ValueError(`the rows of the embeddings file are not those of the samples on the server${example}${without}`);
  if (commas.length > 0) throw new ValueError(`file names in an embeddings file must have no comma: ${commas.map((fileName) => JSON.stringify(fileName)).join(", ")}`);
  // The protocol's clients ask again before they send. Here it tells whether images came in between.
  const again = await client.getFilenames({ signal });
  if (again.length !== names.length || again.some((fileName, ordinal) => fileName !== names[ordinal])) {
    throw new RuntimeError("the samples of the dataset changed while the embeddings were being checked; upload them again");
  }
  return { header, offsets, lengths };
}
