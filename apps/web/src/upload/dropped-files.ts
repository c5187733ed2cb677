/** A file to upload and what it will be called: its path below the folder that was dropped. */
export interface NamedFile {
  readonly name: string;
  readonly file: File;
}

export interface Found {
  readonly files: readonly NamedFile[];
  /** Name of the folder, where one was dropped. */
  readonly folder: string | undefined;
}

/** Files that were dropped, those in folders included. Must be called while the event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<Found> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = Array.from(transfer.files);
  if (entries.length === 0) return { files: loose.map((file) => ({ name: file.name, file })), folder: undefined };
  const [only] = entries;
  const inside = entries.length === 1 && only!.isDirectory;
  const files: NamedFile[] = [];
  // What a single folder holds is named from inside of it; of several each keeps its name.
  for (const entry of entries) await collect(entry, inside ? "" : entry.name, files);
  return { files: sorted(files), folder: inside ? only!.name : undefined };
}

/** Files of a folder that was chosen in the browser's dialog. */
export function chosenFiles(list: FileList): Found {
  const files = Array.from(list, (file) => ({ name: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath.slice(file.webkitRelativePath.indexOf("/") + 1), file }));
  return { files: sorted(files), folder: list[0]?.webkitRelativePath.split("/")[0] || undefined };
}

/** Code units, as the command line sorts them: the order of samples doesn't depend on how a browser lists a folder. */
function sorted(files: readonly NamedFile[]): NamedFile[] {
  return files.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function collect(entry: FileSystemEntry, name: string, files: NamedFile[]): Promise<void> {
  if (entry.isFile) {
    files.push({ name, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A folder is read in portions of a hundred.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) if (!one.name.startsWith(".")) await collect(one, name === "" ? one.name : `${name}/${one.name}`, files);
  }
}
