// npm run sbom [-- FILE]: what Winnow is made of, as CycloneDX JSON, from the lockfile alone. The same lockfile gives the
// same bytes. Without FILE it goes to the standard output.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled, installed } from "./shipped.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const made = spawnSync("npm", ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"], { cwd: root, encoding: "utf8", maxBuffer: 256 << 20, shell: process.platform === "win32" });
if (made.status !== 0) {
  console.error(made.stderr || "npm sbom failed: it needs npm 9.5 or newer.");
  process.exit(1);
}
const bill = JSON.parse(made.stdout);
// npm counts what is inside the web app's bundle as development, since nobody has to install it; and what development needs
// as well, it leaves out with --omit=dev.
const nameOf = (place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
const inBundle = new Set([...bundled()].map(([place, { version }]) => `${nameOf(place)}@${version}`));
const shipped = new Set([...inBundle, ...[...installed()].map(([place, { version }]) => `${nameOf(place)}@${version}`)]);
const workspace = Object.values(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages).filter(({ link }) => link);
for (const { resolved } of workspace) {
  const { name, version } = JSON.parse(readFileSync(join(root, resolved, "package.json"), "utf8"));
  shipped.add(`${name}@${version}`);
  // npm calls it by its folder.
  for (const component of bill.components) if (component["bom-ref"] === `${name}@${version}`) component.name = name;
}
bill.components = bill.components.filter((component) => shipped.has(component["bom-ref"]));
for (const component of bill.components) if (inBundle.has(component["bom-ref"])) component.scope = "required";
const kept = new Set([bill.metadata.component["bom-ref"], ...bill.components.map((component) => component["bom-ref"])]);
bill.dependencies = bill.dependencies.filter(({ ref }) => kept.has(ref)).map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
// A number and a time of their own would make every bill different; the folder's name says nothing.
bill.serialNumber = `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
delete bill.metadata.timestamp;
bill.metadata.component = { ...bill.metadata.component, name, version };
const text = `${JSON.stringify(bill, undefined, 2)}\n`;
const file = process.argv[2];
if (file === undefined) process.stdout.write(text);
else {
  writeFileSync(resolve(process.env["INIT_CWD"] ?? root, file), text);
  console.log(`${bill.components.length} components in ${file}`);
}
