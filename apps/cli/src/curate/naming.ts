import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { Problem } from "../problems.ts";
import { writeWhole } from "../files/write-whole.ts";
import { datasetNameOf, stateFolderOf } from "./names.ts";

/** Which folder a dataset is made of. */
interface Binding {
  readonly dataset: string;
  readonly folder: string;
}

/**
 * The dataset that a folder goes into, and where its state is kept. Without a wish it has the folder's name; a second
 * folder of that name gets `-2` behind it.
 * @param root where states are kept, a folder for each dataset
 * @param called the folder's path as the user gave it, perhaps that of a link
 * @throws Problem when the wanted dataset holds the images of another folder
 */
export function bindDataset(folder: string, root: string, wanted: string | undefined, called = folder): { name: string; stateFolder: string } {
  const bindings = new Map(bindingsIn(root).map((binding) => [binding.dataset, binding.folder]));
  const own = placeOf(folder, dirname(root));
  const bind = (name: string) => {
    const stateFolder = join(root, stateFolderOf(name));
    if (bindings.get(name) !== own) writeWhole(join(stateFolder, "folder.json"), JSON.stringify({ dataset: name, folder: own } satisfies Binding));
    return { name, stateFolder };
  };
  if (wanted !== undefined) {
    const there = bindings.get(wanted);
    // A folder that moved is found under its new path by the name that was given.
    if (there !== undefined && there !== own && existsSync(there)) throw new Problem(`The dataset ${wanted} holds the images of ${there}. Choose another name for those of ${folder} (--name with winnow start, --dataset with winnow curate).`);
    return bind(wanted);
  }
  const base = datasetNameOf(called);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    const there = bindings.get(name);
    if (there === undefined || there === own) return bind(name);
  }
}

/** A folder inside of the data folder goes with it when that is moved. */
function placeOf(folder: string, dataFolder: string): string {
  return folder.startsWith(dataFolder + sep) ? join("(data)", relative(dataFolder, folder)) : folder;
}

function bindingsIn(root: string): Binding[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name, "folder.json");
    return entry.isDirectory() && existsSync(path) ? [JSON.parse(readFileSync(path, "utf8")) as Binding] : [];
  });
}
