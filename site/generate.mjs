// Collects the pages of the site in site/pages: a copy of docs/, and references made from the code: REST from the OpenAPI
// document, the SDK from its docstrings.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";
import { openApiDocument } from "../packages/contract/dist/index.js";
import { restPage } from "./rest-page.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..");
const pages = join(here, "pages");

rmSync(pages, { recursive: true, force: true });
cpSync(join(root, "docs"), pages, { recursive: true });
for (const name of readdirSync(pages, { recursive: true })) if (name.endsWith(".md")) withoutLinksOutside(join(pages, name));
mkdirSync(join(pages, "reference", "sdk"), { recursive: true });
writeFileSync(join(pages, "index.md"), `---\nlayout: home\nhero:\n  name: Winnow\n  text: The few images that are worth labelling\n  tagline: Point it at a folder or a bucket. It checks, embeds, maps and selects, on your machines, and says why.\n  image: { src: /map.webp, alt: A map of the demo collection }\n  actions:\n    - { theme: brand, text: Start here, link: /start }\n    - { theme: alt, text: Concepts, link: /concepts }\n    - { theme: alt, text: From Lightly, link: /from-lightly }\n---\n`);
mkdirSync(join(pages, "public"), { recursive: true });
cpSync(join(root, "docs", "pictures", "map.webp"), join(pages, "public", "map.webp"));
writeFileSync(join(pages, "reference", "rest.md"), restPage(openApiDocument()));

for (const name of ["client", "curation", "formats", "embedding"]) {
  const application = await Application.bootstrapWithPlugins({
    name: `@winnow/${name}`,
    entryPoints: [join(root, "packages", name, "src", "index.ts")],
    tsconfig: join(here, "tsconfig.json"),
    plugin: ["typedoc-plugin-markdown"],
    outputs: [{ name: "markdown", path: join(pages, "reference", "sdk", name) }],
    readme: "none",
    entryFileName: "index",
    hideBreadcrumbs: true,
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeProtected: true,
    // Types are checked by the project's own compiler, which is newer than the one that this tool works with.
    skipErrorChecking: true,
    logLevel: "Error",
  });
  const project = await application.convert();
  if (!project) throw new Error(`the reference of @winnow/${name} could not be made`);
  await application.generateOutputs(project);
}

/** Files of the project that are no pages are named on the site, where they can't be opened. */
function withoutLinksOutside(page) {
  const text = readFileSync(page, "utf8").replaceAll(/\[([^\]]+)\]\((\.\.?\/[^)\s#]+)(?:#[^)\s]*)?\)/g, (link, shown, target) => {
    const place = relative(pages, join(dirname(page), target));
    if (!place.startsWith("..")) return link;
    const file = place.replace(/^\.\.\/(\.\.\/)*/, "");
    return shown.includes(file) || shown.includes("`") ? shown : `${shown} (\`${file}\`)`;
  });
  writeFileSync(page, text);
}
