/** What is in the repository: no secret, and only dependencies that are as they should be. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Lock {
  lockfileVersion: number;
  packages: Record<string, Record<string, unknown>>;
}
const { problemsOf } = (await import(pathToFileURL(join(root, "scripts/dependencies.mjs")).href)) as { problemsOf(lock: Lock, npmrc: string): string[] };

describe("dependencies", () => {
  const npmrc = readFileSync(join(root, ".npmrc"), "utf8");
  const lock = () => JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;

  it("are licensed, pinned and run nothing when they are installed", () => {
    expect(problemsOf(lock(), npmrc)).toEqual([]);
  });

  it.each([
    ["a licence that asks for more", { license: "AGPL-3.0" }, "its licence is AGPL-3.0"],
    ["no licence", { license: undefined }, "its licence is undefined"],
    ["one of several licences", { license: "(MIT AND SSPL-1.0)" }, "its licence is (MIT AND SSPL-1.0)"],
    ["an install script", { hasInstallScript: true }, "has an install script"],
    ["no pinned content", { integrity: undefined }, "isn't pinned"],
    ["content pinned by a weak sum", { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }, "isn't pinned"],
    ["content from elsewhere", { resolved: "https://evil.example/x.tgz" }, "is bound to the address"],
    ["content from a repository", { resolved: "git+ssh://git@github.com/x/y.git#0" }, "is bound to the address"],
  ])("%s is seen", (_, change, told) => {
    const changed = lock();
    changed.packages["node_modules/fastify"] = { ...changed.packages["node_modules/fastify"], ...change };
    expect(problemsOf(changed, npmrc)).toEqual([expect.stringContaining(told)]);
  });

  it("are all in the list of what Winnow is made of: what is installed, and what is inside the web app's bundle", () => {
    const made = spawnSync(process.execPath, [join(root, "scripts/sbom.mjs")], { encoding: "utf8", maxBuffer: 64 << 20, env: { ...process.env, NODE_OPTIONS: "" } });
    expect(made.stderr).toBe("");
    const { components, dependencies } = JSON.parse(made.stdout) as { components: { name: string; version: string; "bom-ref": string }[]; dependencies: { ref: string; dependsOn: string[] }[] };
    const listed = new Set(components.map((one) => one["bom-ref"]));
    const thirdParty = [...readFileSync(join(root, "THIRD-PARTY.md"), "utf8").matchAll(/^\| (\S+) \| (\d\S+) \|/gm)].map(([, name, version]) => `${name}@${version}`);
    expect(thirdParty.length).toBeGreaterThan(100);
    expect(thirdParty.filter((ref) => !listed.has(ref))).toEqual([]);
    const bundle = [...readFileSync(join(root, "apps/web/THIRD-PARTY.txt"), "utf8").matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\d\S*) \(/gm)].map(([, name, version]) => `${name}@${version}`);
    expect(bundle).toContainEqual(expect.stringMatching(/^react@/));
    expect(bundle.filter((ref) => !listed.has(ref))).toEqual([]);
    // Tools of the tests aren't.
    expect(components.map(({ name }) => name)).not.toContain("vitest");
    for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(listed, ref).toContain(ref);
  });

  it("scripts that are switched on are seen", () => {
    expect(problemsOf(lock(), "fund=false\n")).toEqual([expect.stringContaining("ignore-scripts=true is missing")]);
  });
});

const secrets: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/],
  ["a key of AWS", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a token of GitHub", /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b/],
  ["a token of GitLab", /\bglpat-[A-Za-z0-9_-]{20}\b/],
  ["a token of npm", /\bnpm_[A-Za-z0-9]{36}\b/],
  ["a token of Slack", /\bxox[abprs]-[A-Za-z0-9-]{20,}/],
  ["a key of Google", /\bAIza[A-Za-z0-9_-]{35}\b/],
  ["a key of Stripe", /\b[rs]k_live_[A-Za-z0-9]{20,}\b/],
  ["a token of Hugging Face", /\bhf_[A-Za-z0-9]{34}\b/],
  ["a JSON web token", /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/],
  ["a key of Azure Storage", /AccountKey=[A-Za-z0-9+/]{86}==/],
  ["a password in an address", /\b[a-z][a-z0-9+]*:\/\/[^\s/:@"'`$<>{}\\]+:(?!secret|password|hunter2|wrong)[^\s/:@"'`$<>{}\\]{6,}@[a-z0-9.-]+\.[a-z]{2,}/i],
  ["a token of ours", /WINNOW_TOKEN\s*[=:]\s*["']?[0-9a-f]{40}\b/],
];
/** Keys that everybody knows: the examples of the makers' documentation and of their test servers. */
const known = [/AKIAIOSFODNN7EXAMPLE/g, /Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq\/K1SZFPTOtr\/KBHBeksoGMGw==/g];

const listed = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 });
const files = listed.status === 0 ? listed.stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file))) : [];

test.skipIf(files.length === 0)("no secret is in the repository", () => {
  const found: string[] = [];
  for (const file of files) {
    if (statSync(join(root, file)).size > 20 << 20) continue;
    const text = known.reduce((rest, one) => rest.replaceAll(one, ""), readFileSync(join(root, file), "latin1"));
    for (const [name, pattern] of secrets) if (pattern.test(text)) found.push(`${file}: ${name}`);
    if (/(^|\/)(\.env|id_rsa|.*\.(pem|p12|pfx|keystore))$/.test(file)) found.push(`${file}: a file that holds secrets`);
  }
  expect(found).toEqual([]);
});

test("each kind of secret would be seen", () => {
  // Put together here, so that this file doesn't hold any.
  const examples = [
    `-----BEGIN RSA ${"PRIVATE"} KEY-----\n${"A".repeat(64)}`,
    `AKIA${"Q".repeat(16)}`,
    `ghp_${"a".repeat(36)}`,
    `glpat-${"a".repeat(20)}`,
    `npm_${"a".repeat(36)}`,
    `xoxb-${"1".repeat(24)}`,
    `AIza${"a".repeat(35)}`,
    `sk_live_${"a".repeat(24)}`,
    `hf_${"a".repeat(34)}`,
    `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(24)}`,
    `AccountKey=${"a".repeat(86)}==`,
    `postgres://admin:${"tr0ub4dor"}@db.example.org/x`,
    `WINNOW_TOKEN=${"0".repeat(40)}`,
  ];
  expect(examples.map((text) => secrets.find(([, pattern]) => pattern.test(text))?.[0])).toEqual(secrets.map(([name]) => name));
});
