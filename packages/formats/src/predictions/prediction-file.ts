import { parseJson } from "../side-files/json-field.ts";
import { predictionFileOf } from "../side-files/paths.ts";
import { PredictionFileError, orError } from "../side-files/side-file-error.ts";
import { type Singleton, SingletonReader, singletonsJson } from "./singletons.ts";
import { type PredictionTask, failing } from "./task-schema.ts";

/** The predictions of a task for one image or frame. */
export interface ImagePredictions {
  /** Path of the image from the root of the datasource. */
  readonly fileName: string;
  readonly singletons: readonly Singleton[];
}

/** Reads the prediction files of a task, one after another. */
export class PredictionFileReader {
  readonly #task: PredictionTask;
  readonly #singletons: SingletonReader;

  constructor(task: PredictionTask) {
    this.#task = task;
    this.#singletons = new SingletonReader(task);
  }

  /**
   * @param text of the file
   * @param options.file path of the file from the root of the datasource, which says what images it can stand for
   * @param options.fileName the image that it has to be for, where it is known
   * @returns what it holds, or what is wrong with it
   */
  read(text: string, { file, fileName }: { readonly file: string; readonly fileName?: string }): ImagePredictions | PredictionFileError {
    return orError(PredictionFileError, file, () => {
      const root = parseJson(text, failing(file));
      const name = root.get("file_name");
      const found = name.text();
      if (fileName !== undefined && found !== fileName) name.refuse(`${JSON.stringify(fileName)}, the path of the image from the root`);
      if (fileName === undefined && predictionFileOf(this.#task.name, found) !== file) name.refuse("the path from the root of the image that the file stands for by its own path");
      return { fileName: found, singletons: this.#singletons.readAll(root.get("predictions")) };
    });
  }
}

/** Text of a prediction file. */
export function predictionFileText({ fileName, singletons }: ImagePredictions): string {
  return `${JSON.stringify({ file_name: fileName, predictions: singletonsJson(singletons) })}\n`;
}
