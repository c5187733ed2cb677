import { type JsonField, parseJson } from "../side-files/json-field.ts";
import { metadataFileOf } from "../side-files/paths.ts";
import { MetadataFileError, orError } from "../side-files/side-file-error.ts";
import { failing } from "./metadata-schema.ts";

export type MetadataType = "image" | "video" | "frame";

/** What is known of an image, a video or a frame. */
export interface MetadataFile {
  readonly fileName: string;
  readonly type: MetadataType;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Deeper nesting than this is no metadata; it would break whoever walks it. */
const DEPTH_MAX = 64;

/**
 * Reads a metadata file.
 * @param options.file path of the file from the root of the datasource
 * @param options.fileName what it has to be about, where that is known
 */
export function readMetadataFile(text: string, { file, fileName }: { readonly file: string; readonly fileName?: string }): MetadataFile | MetadataFileError {
  return orError(MetadataFileError, file, () => {
    const root = parseJson(text, failing(file));
    const name = root.get("file_name");
    const found = name.text();
    if (fileName !== undefined && found !== fileName) name.refuse(`${JSON.stringify(fileName)}, the path from the root`);
    if (fileName === undefined && metadataFileOf(found) !== file) name.refuse("the path from the root of what the file stands for by its own path");
    const type: JsonField = root.get("type");
    const kind = type.text(100);
    if (kind !== "image" && kind !== "video" && kind !== "frame") type.refuse("image, video or frame");
    const metadata = root.get("metadata");
    metadata.object();
    requireShallow(metadata);
    return { fileName: found, type: kind, metadata: metadata.value as Record<string, unknown> };
  });
}

/** Without recursion, since what is checked is how deep it is. */
function requireShallow(field: JsonField): void {
  let level: object[] = [field.value as object];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) field.refuse(`nested at most ${DEPTH_MAX} deep`, "more");
    const next: object[] = [];
    for (const item of level) {
      if (Object.hasOwn(item, "__proto__")) field.refuse("without properties named __proto__", "one");
      for (const value of Object.values(item)) {
        if (typeof value === "object" && value !== null) next.push(value as object);
        // JSON has texts and numbers that can't be stored or written again.
        else if (typeof value === "number" && !Number.isFinite(value)) field.refuse("finite numbers", "one that is too large");
        else if (typeof value === "string" && /\p{Surrogate}|\0/u.test(value)) field.refuse("well-formed text without NUL characters", "other text");
      }
    }
    level = next;
  }
}
