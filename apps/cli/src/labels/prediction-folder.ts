import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ImagePredictions, type PredictionTask, PredictionFileError, predictionFiles, readTaskList, readTaskSchema, taskListText, TASKS_FILE, taskSchemaFileOf, taskSchemaText } from "@winnow/formats";
import { Problem } from "../problems.ts";

export interface Written {
  readonly images: number;
  readonly predictions: number;
  /** What couldn't be written, with the reason. */
  readonly refused: readonly string[];
}

/**
 * Writes a task's predictions into the `.lightly` folder of a datasource's root. The task is listed last, so that nobody
 * reads a half of it.
 * @param replace whether a task of that name with other categories may be replaced
 * @throws Problem when there is such a task and it may not
 */
export async function writePredictions(root: string, task: PredictionTask, images: AsyncIterable<ImagePredictions | Error> | Iterable<ImagePredictions | Error>, { replace, signal }: { readonly replace: boolean; readonly signal: AbortSignal }): Promise<Written> {
  const schema = taskSchemaFileOf(task.name);
  const before = await existing(join(root, schema));
  if (before !== undefined && !replace) {
    const known = readTaskSchema(before, { file: schema, name: task.name });
    if (known instanceof PredictionFileError || taskSchemaText(known) !== taskSchemaText(task)) {
      throw new Problem(`There is a task ${task.name} in ${root} with another type or other categories. Choose another --task, or give --replace: predictions of images that aren't in the new ones then stay, under the new categories.`);
    }
  }
  const listText = await existing(join(root, TASKS_FILE));
  const listed = listText === undefined ? [] : readTaskList(listText, TASKS_FILE);
  if (listed instanceof PredictionFileError) throw new Problem(`${listed.message} Mend or remove it first.`);

  const refused: string[] = [];
  let [count, predictions] = [0, 0];
  async function* sound(): AsyncGenerator<ImagePredictions> {
    for await (const image of images) {
      signal.throwIfAborted();
      if (image instanceof Error) refused.push(image.message);
      else {
        predictions += image.singletons.length;
        yield image;
      }
    }
  }
  await put(join(root, schema), taskSchemaText(task));
  for await (const file of predictionFiles(task, sound())) {
    if (file instanceof PredictionFileError) {
      refused.push(file.message);
      continue;
    }
    await put(join(root, file.path), file.text);
    count++;
  }
  await put(join(root, TASKS_FILE), taskListText(listed, task.name));
  return { images: count, predictions, refused };
}

async function existing(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** Under another name first: who reads meanwhile finds the old file or the new one, never a half. */
async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, text);
  await rename(beside, path);
}
