import { splitExtension } from "./media-names.ts";
import { SourceError } from "./source-error.ts";

/** Where thumbnails are when a datasource doesn't say otherwise. */
export const defaultThumbSuffix = ".lightly/thumbnails/[filename]_thumb.[extension]";

/**
 * Where the thumbnail of a file is, by a datasource's template: `[filename]` is the path without extension, `[extension]`
 * the extension. Null, or an empty text, means that there are none: undefined.
 */
export function thumbnailPath(template: string | null | undefined, path: string): string | undefined {
  if (template === null || template === "") return undefined;
  const { filename, extension } = splitExtension(path);
  // One pass: a file name with "[extension]" in it stays as it is.
  return (template ?? defaultThumbSuffix).replace(/\[(filename|extension)\]/g, (_, part: string) => (part === "filename" ? filename : extension));
}

/**
 * Whether a template gives every file a thumbnail of its own, inside the datasource.
 * @throws SourceError `configuration` that says what is wrong
 */
export function checkThumbSuffix(template: string): void {
  if (!template.includes("[filename]")) throw new SourceError("configuration", `The thumbnail suffix "${template}" has no [filename] in it: all files would share one thumbnail.`);
  if (template === "[filename].[extension]") throw new SourceError("configuration", "The thumbnail suffix names the images themselves: thumbnails would overwrite them.");
  const unknown = /\[(?!filename\]|extension\])[a-z]+\]/i.exec(template)?.[0];
  if (unknown !== undefined) throw new SourceError("configuration", `The thumbnail suffix knows [filename] and [extension], not ${unknown}.`);
  if (template.split("/").some((part) => part === "" || part === "." || part === "..")) throw new SourceError("configuration", `The thumbnail suffix "${template}" is no relative path: write it without leading slash, "." and "..".`);
}
