import { PredictionMembers } from "./predictions.ts";

/**
 * The platform, from a program: every member of the Python class of the same name, with the same meaning. Required
 * arguments come by position in the same order, optional ones in one object at the end, which also takes `signal`.
 * The members stand in one file per domain, each a class that builds on the one before.
 *
 * @example
 * const client = new ApiWorkflowClient({ token: "…", serverUrl: "http://localhost:8080" });
 * await client.createDataset("street scenes");
 * await client.uploadDataset("photographs");
 * await client.uploadEmbeddings("embeddings.csv", "default");
 * const tag = await client.selection(new SelectionConfig({ nSamples: 100 }));
 * console.log(await client.getFilenamesInTag(tag));
 */
export class ApiWorkflowClient extends PredictionMembers {}
