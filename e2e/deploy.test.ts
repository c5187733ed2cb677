/** The files in deploy/ are read as their programs would; no engine for containers runs here, so they are not started. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { bin, run } from "./program.ts";

const root = new URL("../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>> | readonly string[];
  readonly volumes?: readonly string[];
}

interface Container {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly volumeClaimTemplates?: readonly Manifest[];
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: { readonly securityContext: Readonly<Record<string, unknown>>; readonly containers: readonly Container[]; readonly volumes: readonly { readonly name: string }[] } };
  };
}

/** Variables that the server reads, as it says itself. */
async function variables(env: Readonly<Record<string, string>> = {}): Promise<Map<string, string>> {
  const { stdout, code, stderr } = await run(bin, ["server", "--print-config"], env);
  expect(code, stderr).toBe(0);
  return new Map(stdout.split("\n").slice(1).filter(Boolean).map((line) => line.split(/ {2,}/) as [string, string]));
}
const ofOthers = /^(AWS_|NODE_ENV$)/;

/** Words that a command line takes. */
async function accepts(words: readonly string[]): Promise<void> {
  const help = (await run(bin, [words[0]!, "--help"])).stdout;
  for (const word of words.filter((one) => one.startsWith("--"))) expect(help, word).toContain(word);
}

describe("The image", () => {
  const lines = text("deploy/Dockerfile").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const of = (instruction: string) => lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

  test("is known instruction by instruction, runs as nobody in particular, and hears signals", () => {
    for (const line of lines) expect(line).toMatch(/^(ARG|FROM|WORKDIR|COPY|RUN|USER|ENV|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) /);
    expect(of("USER")).toEqual(["10001:10001"]);
    expect(JSON.parse(of("ENTRYPOINT")[0]!)).toEqual(["tini", "--", "winnow"]);
    expect(JSON.parse(of("CMD")[0]!)).toEqual(["server"]);
    expect(JSON.parse(of("HEALTHCHECK")[0]!.replace(/^.* CMD /, ""))[0]).toBe("node");
    // What it links to is there.
    expect(lines.join("\n")).toContain("/opt/winnow/apps/cli/bin/winnow.js");
    expect(existsSync(new URL("apps/cli/bin/winnow.js", root))).toBe(true);
  });

  test("sets variables that the server reads, to values that it takes", async () => {
    const set = Object.fromEntries(of("ENV").flatMap((line) => line.split(" ")).map((pair) => pair.split("=") as [string, string]));
    const known = await variables(set);
    for (const [name, value] of Object.entries(set)) if (!ofOthers.test(name)) expect(known.get(name)).toBe(value);
  });
});

test("Compose: services, their settings, volumes and order fit together", async () => {
  const { services, volumes } = parse(text("deploy/compose.yaml"), { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
  const known = await variables();
  const example = text("deploy/example.env");
  for (const [name, service] of Object.entries(services)) {
    for (const variable of Object.keys(service.environment ?? {}).filter((one) => service.image === "winnow" && !ofOthers.test(one))) expect(known.has(variable), `${name}: ${variable}`).toBe(true);
    for (const other of Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {})) expect(services).toHaveProperty(other);
    for (const volume of service.volumes ?? []) expect(volumes).toHaveProperty(volume.split(":")[0]!);
    for (const [, asked] of JSON.stringify(service).matchAll(/\$\{(\w+):\?/g)) expect(example, asked).toContain(`${asked}=`);
  }
  expect([services["api"]!.environment!["WINNOW_ROLE"], services["jobs"]!.environment!["WINNOW_ROLE"]]).toEqual(["api", "jobs"]);
  await accepts(services["worker"]!.command!);
  // As the server would read them.
  await variables({ DATABASE_URL: "postgres://winnow:x@database:5432/winnow", BLOB_STORE: services["api"]!.environment!["BLOB_STORE"]!, WINNOW_ROLE: "api" });
});

describe("Kubernetes", () => {
  const manifests = parseAllDocuments(text("deploy/kubernetes/winnow.yaml")).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
  const workloads = manifests.filter(({ spec }) => spec?.template);

  test("every manifest says what it is", () => {
    const kinds = { ConfigMap: "v1", Service: "v1", Deployment: "apps/v1", StatefulSet: "apps/v1", PodDisruptionBudget: "policy/v1" };
    for (const { apiVersion, kind, metadata } of manifests) {
      expect(kinds).toHaveProperty(kind, apiVersion);
      expect(metadata.name).toMatch(/^winnow/);
    }
    expect(workloads).toHaveLength(3);
  });

  test.each(workloads.map((one) => [one.metadata.name, one] as const))("%s runs without rights, mounts what it has, is looked after", async (_, { spec }) => {
    const { metadata, spec: pod } = spec!.template!;
    expect(metadata.labels).toEqual(spec!.selector!.matchLabels);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
    const known = await variables();
    for (const container of pod.containers) {
      expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
      const volumes = [...pod.volumes, ...(spec!.volumeClaimTemplates ?? []).map((claim) => claim.metadata)].map(({ name }) => name);
      expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted());
      if (container.args) await accepts(container.args);
      else {
        for (const { name } of container.env ?? []) expect(known.has(name), name).toBe(true);
        expect([container.readinessProbe!.httpGet, container.livenessProbe!.httpGet]).toEqual([{ path: "/readyz", port: "http" }, { path: "/healthz", port: "http" }]);
      }
    }
  });

  test("settings are ones that the server reads", async () => {
    const known = await variables();
    for (const { data } of manifests) for (const name of Object.keys(data ?? {})) expect(known.has(name) || ofOthers.test(name), name).toBe(true);
  });
});
