/**
 * The TypeScript SDK: embed a folder, upload it, select the tenth most worth labelling.
 *
 *     export WINNOW_SERVER_LOCATION=http://localhost:8080 WINNOW_TOKEN=...   # both are printed by `npm start`
 *     npm run example -- curate FOLDER [EMBEDDINGS.csv]
 */
import { createWriteStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiWorkflowClient, SelectionConfig } from "@winnow/client";
import { encodeFolder, loadEncoder } from "@winnow/embedding";
import { writeEmbeddingsCsv } from "@winnow/formats";

const [folder, csv = join(await mkdtemp(join(tmpdir(), "curate-")), "embeddings.csv")] = process.argv.slice(2);
if (!folder) throw new Error("Which folder? npm run example -- curate FOLDER [EMBEDDINGS.csv]");

const encoder = await loadEncoder();
const { fileNames, vectors } = await encodeFolder(encoder, folder);
await encoder.close();
await pipeline(Readable.from(writeEmbeddingsCsv(rows())), createWriteStream(csv));

const client = new ApiWorkflowClient();
await client.createNewDatasetWithUniqueName("from typescript", { datasetType: "Images" });
// Files that are broken have no vector, so they are left out here too.
const images = fileNames.map((fileName) => ({ fileName, path: join(folder, fileName) }));
const { uploaded, failed } = await client.uploadDataset(images, { mode: "thumbnails" });
console.error(`${uploaded} uploaded, ${failed.length} failed`);
await client.uploadEmbeddings(csv, "default");
const tag = await client.selection(new SelectionConfig({ method: "CORESET", nSamples: 0.1, name: "to label" }));
for (const name of await client.getFilenamesInTag(tag)) console.log(name);

/** One row for each image: the form in which embeddings travel. */
function* rows() {
  for (const [i, fileName] of fileNames.entries()) {
    yield { fileName, values: vectors.data.subarray(i * vectors.columns, (i + 1) * vectors.columns) };
  }
}
