/**
 * Lets the AWS packages load under vitest. The workspace's vitest configuration names the resolve condition "module",
 * which vitest hands on to Node; these packages answer it with files for bundlers that Node can't load. Import this
 * before anything that imports them. It can go once the condition is no longer named there.
 */
import Module from "node:module";

type Resolve = (...words: unknown[]) => string;
const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;
loader._resolveFilename = function (this: unknown, ...words) {
  const found = resolve.apply(this, words);
  return /[/\\]@(?:aws-sdk|smithy)[/\\]/.test(found) ? found.replace(/([/\\])dist-es([/\\])/, "$1dist-cjs$2") : found;
};
