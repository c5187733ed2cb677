/** A server with a collection in it, as `winnow start` makes it: samples, embeddings, a selection, a map. */
import { join } from "node:path";
import { ApiWorkflowClient } from "@winnow/client";
import { Program, bin, temporaryFolder, writePicture } from "../program.ts";

const token = "token-for-the-web-app";

export interface Collection {
  readonly url: string;
  readonly token: string;
  readonly datasetId: string;
  /** The folder that the images came from. */
  readonly folder: string;
  /** A client of the same server. */
  readonly client: ApiWorkflowClient;
  readonly stop: () => Promise<void>;
}

export interface EmptyServer extends Omit<Collection, "datasetId" | "folder"> {
  /** Adds a user. @returns the user's token */
  readonly addUser: (email: string) => Promise<string>;
}

/** Starts a server without any dataset. @param words more of its command line */
export async function startEmpty(words: readonly string[] = []): Promise<EmptyServer> {
  const temporary = temporaryFolder();
  const data = join(temporary.path, "data");
  const program = new Program(bin, ["server", "--port", "0", "--data", data, ...words], { WINNOW_TOKEN: token });
  const url = await program.url();
  return {
    url,
    token,
    client: new ApiWorkflowClient({ serverUrl: url, token }),
    stop: () => stop(program, temporary),
    async addUser(email) {
      const { stdout, stderr, code } = await new Program(bin, ["user", "add", email, "--data", data, "--json"]).ended;
      if (code !== 0) throw new Error(`no user could be added: ${stderr}`);
      return (JSON.parse(stdout) as { token: string }).token;
    },
  };
}

/** Starts a server with generated pictures, curated. @param count number of pictures @param doubled how many of the last are the first ones again, in another quality */
export async function startGenerated(count: number, doubled = 0): Promise<Collection> {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "pictures");
  for (let i = 0; i < count; i++) await writePicture(join(folder, i % 2 === 0 ? "even" : "odd", `${String(i).padStart(3, "0")}.jpg`), i < count - doubled ? i : i - (count - doubled), i < count - doubled ? 85 : 60);
  return startWith(folder, temporary);
}

async function startWith(folder: string, temporary: ReturnType<typeof temporaryFolder>): Promise<Collection> {
  const program = new Program(bin, ["start", folder, "--name", "collection", "--port", "0", "--data", join(temporary.path, "data")], { WINNOW_TOKEN: token });
  const found = await program.until(/Open (http:\S+) with/);
  if (!found) throw new Error(`winnow start ended early: ${program.stdout}${program.stderr}`);
  const client = new ApiWorkflowClient({ serverUrl: found[1]!, token });
  const [dataset] = await client.getDatasets();
  await client.setDatasetIdByName("collection");
  return { url: found[1]!, token, datasetId: dataset!.id, folder, client, stop: () => stop(program, temporary) };
}

async function stop(program: Program, temporary: ReturnType<typeof temporaryFolder>): Promise<void> {
  await program.stop();
  temporary.remove();
}
