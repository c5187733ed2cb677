import { encodedPath } from "./paths.ts";
import type { FolderSource } from "./sources/folder.ts";

/**
 * The listing of one folder, as a stream: an HTML page, or a JSON index in the form of nginx's `autoindex_format json`
 * (`[{name, type: "file" | "directory", mtime: "Wed, 29 Jul 2026 10:00:00 GMT", size}]`), so that tools for that read ours too.
 */
export async function* listingLines(source: FolderSource, folder: string, form: "html" | "json"): AsyncGenerator<string> {
  const title = `Index of /${folder}`;
  yield form === "json" ? "[" : `<!doctype html>\n<meta charset="utf-8">\n<title>${escaped(title)}</title>\n<style>body{font:15px/1.6 system-ui;margin:2rem}td{padding-right:2rem}</style>\n<h1>${escaped(title)}</h1>\n<table>\n${folder === "" ? "" : '<tr><td><a href="../">../</a>\n'}`;
  let from = "";
  let first = true;
  for (;;) {
    const { items, more } = await source.names(folder, { prefix: "", from, inclusive: false });
    for (const { name } of items) {
      const isFolder = name.endsWith("/");
      const facts = isFolder ? undefined : await source.facts(folder + name);
      // Gone since, or a link that changed.
      if (!isFolder && !facts) continue;
      const bare = isFolder ? name.slice(0, -1) : name;
      if (form === "json") {
        const entry = facts ? { name: bare, type: "file", mtime: new Date(facts.modifiedMs).toUTCString(), size: facts.sizeBytes } : { name: bare, type: "directory" };
        yield `${first ? "" : ","}\n${JSON.stringify(entry)}`;
      } else {
        const time = facts ? new Date(facts.modifiedMs).toISOString().slice(0, 16).replace("T", " ") : "";
        yield `<tr><td><a href="./${encodedPath(bare)}${isFolder ? "/" : ""}">${escaped(name)}</a><td>${time}<td>${facts?.sizeBytes ?? ""}\n`;
      }
      first = false;
    }
    const last = items.at(-1);
    if (!more || !last) break;
    from = last.name;
  }
  yield form === "json" ? "\n]\n" : "</table>\n";
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
