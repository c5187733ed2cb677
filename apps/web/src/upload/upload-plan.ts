import type { NamedFile } from "./dropped-files.ts";

export interface Plan {
  readonly files: readonly NamedFile[];
  /** What isn't uploaded, by reason. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

const images = /\.(jpe?g|png|webp|gif|bmp|avif)$/i;

/** Which of some files are uploaded, and why the others aren't. */
export function planUpload(files: readonly NamedFile[]): Plan {
  const left: { name: string; reason: string }[] = [];
  const taken: NamedFile[] = [];
  for (const one of files) {
    const reason = reasonAgainst(one);
    if (reason === undefined) taken.push(one);
    else left.push({ name: one.name, reason });
  }
  return { files: taken, left };
}

function reasonAgainst({ name, file }: NamedFile): string | undefined {
  if (!images.test(name)) return "no image that browsers can read";
  if (file.size === 0) return "empty";
  if (name.length > 255) return "a path of more than 255 characters";
  // A file of embeddings has a line per sample, with commas between.
  if (name.includes(",")) return "a comma in its path";
  // oxlint-disable-next-line no-control-regex -- just these are refused
  return /[\u0000-\u001f]/.test(name) ? "a control character in its path" : undefined;
}

/** A name that the server takes, made of a folder's. */
export function datasetNameFrom(folder: string | undefined, taken: ReadonlySet<string>): string {
  const plain = (folder ?? "images").normalize("NFKD").replaceAll(/[^a-zA-Z0-9 _-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "");
  const base = plain.length >= 3 ? plain.slice(0, 240) : `images ${plain}`.trim();
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} ${number}`;
    if (!taken.has(name)) return name;
  }
}
