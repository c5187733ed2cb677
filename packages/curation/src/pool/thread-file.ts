/**
 * The file that a thread starts with: beside the module that asks when that is built, in dist when it is source.
 * @param module the `import.meta.url` of who asks
 * @param name of the file, such as `./worker.js`
 * @returns undefined when it isn't built, or is no file
 */
export async function threadFile(module: string, name: string): Promise<URL | undefined> {
  const built = module.endsWith(".ts") ? module.replace(/\/src\/(?!.*\/src\/)/, "/dist/") : module;
  if (!built.startsWith("file:")) return undefined;
  const url = new URL(name, built);
  const { existsSync } = await import("node:fs");
  return existsSync(url) ? url : undefined;
}
