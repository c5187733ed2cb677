/** What the server is told of metadata: a configuration from the schema, and an object for each sample. */
import type { MetadataEntry } from "./metadata-schema.ts";
import { parseValuePath, setAtPath, valueAtPath } from "./value-path.ts";

/** The body that creates a metadata configuration of these entries. */
export function metadataConfiguration(name: string, entries: readonly MetadataEntry[]): { name: string; configs: MetadataEntry[] } {
  return { name, configs: entries.map((entry) => ({ name: entry.name, path: entry.path, defaultValue: entry.defaultValue, valueDataType: entry.valueDataType })) };
}

/** Makes the custom metadata of samples by a schema, whose paths are parsed once. */
export class CustomMetadata {
  readonly #entries: readonly { readonly path: readonly (string | number)[]; readonly entry: MetadataEntry }[];

  constructor(entries: readonly MetadataEntry[]) {
    this.#entries = entries.map((entry) => ({ path: parseValuePath(entry.path), entry }));
  }

  /**
   * The metadata of a sample, with the default of every entry that is missing or null.
   * @param own metadata of the image or frame; absent where it has none
   * @param ofVideo metadata of the video that a frame is from: it holds for all frames, save what a frame says itself
   * @returns a new object; what is given stays as it is
   */
  of(own: Readonly<Record<string, unknown>> | undefined, ofVideo?: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const metadata: Record<string, unknown> = structuredClone({ ...ofVideo, ...own });
    for (const { path, entry } of this.#entries) {
      if ((valueAtPath(metadata, path) ?? null) === null) setAtPath(metadata, path, entry.defaultValue);
    }
    return metadata;
  }

  /** The value of each entry in some metadata, or its default, by the entry's name. */
  values(metadata: Readonly<Record<string, unknown>>): Map<string, unknown> {
    return new Map(this.#entries.map(({ path, entry }) => [entry.name, valueAtPath(metadata, path) ?? entry.defaultValue]));
  }
}
