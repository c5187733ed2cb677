const LENGTH_MAX = 255;

/** Why a file can't be a sample because of its name, if so. @param fileName its path below the folder or bucket */
export function unusableName(fileName: string): string | undefined {
  if (fileName.includes(",")) return "its name has a comma, which embeddings files can't hold; rename it to have it taken";
  if (fileName.length > LENGTH_MAX) return `its path has ${fileName.length} characters; at most ${LENGTH_MAX} are allowed`;
  if (Array.from(fileName).some((character) => character < " ")) return "its name has a control character; rename it to have it taken";
  // Node reads names that aren't UTF-8 with this character in the place of what it can't read.
  if (/\p{Surrogate}|\ufffd/u.test(fileName)) return "its name isn't valid UTF-8; rename it to have it taken";
  return undefined;
}
