// The documentation site. Its pages are docs/ and what site/generate.mjs makes of the code; nothing is asked of the internet.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const pages = fileURLToPath(new URL("../pages/", import.meta.url));
/** Pages that are there, in this order. */
const list = (entries) => entries.filter(([, path]) => existsSync(`${pages}${path}.md`)).map(([text, path]) => ({ text, link: `/${path}` }));
const sdk = existsSync(`${pages}reference/sdk`) ? readdirSync(`${pages}reference/sdk`, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => [`SDK: ${name}`, `reference/sdk/${name}/index`]) : [];

export default defineConfig({
  title: "Winnow",
  description: "Visual data curation on your own machines",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: false,
  lastUpdated: false,
  head: [["link", { rel: "icon", href: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='%232f7d4f'/></svg>" }]],
  // Addresses of a reader's own server. Any other link that leads nowhere fails the build.
  ignoreDeadLinks: [/^https?:\/\/localhost/],
  markdown: { theme: { light: "github-light", dark: "github-dark" }, config: (md) => { md.options.html = true; } },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: list([["Start", "start"], ["Concepts", "concepts"], ["From Lightly", "from-lightly"], ["Limits", "limits"]]),
    sidebar: [
      { text: "Start", items: list([["Start here", "start"], ["Concepts", "concepts"], ["A tour in pictures", "tour"], ["From Lightly", "from-lightly"], ["Limits", "limits"]]) },
      { text: "Guides", items: list([["Curate a folder", "guides/folder"], ["A bucket that grows", "guides/bucket"], ["Videos", "guides/videos"], ["Active learning", "guides/active-learning"], ["Deduplicate", "guides/deduplicate"], ["Balance classes", "guides/balance"], ["Export", "guides/export"], ["Scale", "guides/scale"], ["Selecting in shards", "scale"], ["Operate", "operate"], ["Logs and metrics", "metrics"], ["Security", "security"], ["Webhooks", "webhooks"]]) },
      { text: "Reference", items: list([["REST", "reference/rest"], ["Command line", "reference/command-line"], ["Configuration of a run", "reference/run-configuration"], ["Strategies", "reference/strategies"], ["Names in Python and TypeScript", "reference/python-members"], ["File formats", "reference/formats"], ...sdk]) },
      { text: "How it works", items: list([["The engine", "engine"], ["Runs", "worker"], ["The report", "report"], ["Performance", "performance"], ["Architecture", "architecture"]]) },
    ],
    footer: { message: "Apache-2.0" },
  },
});
