import type { DatasourceConfig, DatasourcePurpose } from "@winnow/contract";

/** What stands for a secret that is stored; sent back it means "as it is". */
export const mask = "********";

/** A kind of datasource as people choose it. */
export interface DatasourceKind {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly type: DatasourceConfig["type"];
  readonly path: { readonly label: string; readonly placeholder: string; readonly pattern: RegExp; readonly problem: string };
  readonly fields: readonly DatasourceField[];
}

export interface DatasourceField {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** Never shown again. */
  readonly secret?: true;
  readonly long?: true;
  readonly choices?: readonly string[];
  readonly check?: (value: string) => string | undefined;
}

const regions = ["af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ca-central-1", "cn-northwest-1", "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-west-1", "us-west-2", "us-gov-west-1"] as const;
const region: DatasourceField = { name: "s3Region", label: "Region", choices: regions };

export const kinds: readonly DatasourceKind[] = [
  { id: "folder", title: "Folder", text: "A folder that the server can read.", type: "LOCAL", path: { label: "Folder", placeholder: "/srv/images", pattern: /^(\/|[A-Za-z]:[\\/])/, problem: "The whole path of a folder on the server, such as /srv/images." }, fields: [] },
  { id: "http", title: "File server", text: "Files served over HTTP, as “winnow serve” does next to the data.", type: "LOCAL", path: { label: "Address", placeholder: "http://files.example.org:3456", pattern: /^https?:\/\/[^\s/]+/i, problem: "An address that begins with http:// or https://." }, fields: [] },
  {
    id: "s3",
    title: "Amazon S3",
    text: "A bucket, by an access key.",
    type: "S3",
    path: { label: "Bucket and path", placeholder: "s3://bucket/images", pattern: /^s3:\/\/[^\s/]+/, problem: "s3://bucket or s3://bucket/path." },
    fields: [region, { name: "s3AccessKeyId", label: "Access key id", placeholder: "AKIA…" }, { name: "s3SecretAccessKey", label: "Secret access key", secret: true }],
  },
  {
    id: "s3-delegated",
    title: "Amazon S3, delegated",
    text: "A bucket, by a role that you let the server assume.",
    type: "S3DelegatedAccess",
    path: { label: "Bucket and path", placeholder: "s3://bucket/images", pattern: /^s3:\/\/[^\s/]+/, problem: "s3://bucket or s3://bucket/path." },
    fields: [
      region,
      { name: "s3ARN", label: "Role (ARN)", placeholder: "arn:aws:iam::123456789012:role/winnow", check: (value) => (/^arn:aws:iam::[0-9]{12}:role.+$/.test(value) ? undefined : "arn:aws:iam:: and twelve digits, then :role/ and its name.") },
      { name: "s3ExternalId", label: "External id", description: "As in the role's trust policy; at least 10 characters.", check: (value) => (/^[a-zA-Z0-9_+=,.@:/-]{10,}$/.test(value) ? undefined : "At least 10 characters: letters, digits and _+=,.@:/-.") },
    ],
  },
  {
    id: "gcs",
    title: "Google Cloud Storage",
    text: "A bucket, by a service account.",
    type: "GCS",
    path: { label: "Bucket and path", placeholder: "gs://bucket/images", pattern: /^gs:\/\/[^\s/]+/, problem: "gs://bucket or gs://bucket/path." },
    fields: [
      { name: "gcsProjectId", label: "Project id" },
      { name: "gcsCredentials", label: "Key of the service account", description: "The JSON file that Google gives you, as text.", secret: true, long: true, check: (value) => (isJsonObject(value) ? undefined : "The whole JSON text of the key file.") },
    ],
  },
  {
    id: "azure",
    title: "Azure Blob Storage",
    text: "A container, by the key of its account.",
    type: "AZURE",
    path: { label: "Container and path", placeholder: "container/images", pattern: /^[^\s/]+/, problem: "The container's name, and a path in it if you like." },
    fields: [{ name: "accountName", label: "Account name" }, { name: "accountKey", label: "Account key", secret: true }],
  },
];

export const purposes: readonly { readonly value: DatasourcePurpose; readonly label: string; readonly text: string }[] = [
  { value: "INPUT_OUTPUT", label: "Both", text: "Files are read here, and thumbnails, frames and predictions are written below .lightly/." },
  { value: "INPUT", label: "Input", text: "Files are only read here. What is written goes to another datasource." },
  { value: "LIGHTLY", label: "Output", text: "Thumbnails, frames, crops and predictions are written here, below .lightly/." },
];

/** The kind that a stored datasource is of. */
export function kindOf({ type, fullPath }: Pick<DatasourceConfig, "type" | "fullPath">): DatasourceKind {
  if (type === "LOCAL") return kinds.find(({ id }) => id === (/^https?:\/\//i.test(fullPath) ? "http" : "folder"))!;
  return kinds.find((kind) => kind.type === type) ?? kinds[0]!;
}

export type Values = Readonly<Record<string, string>>;

/** What is wrong, by field; empty when all is well. A secret that is stored may be left out. */
export function problemsOf(kind: DatasourceKind, values: Values, stored: boolean): Record<string, string> {
  const problems: Record<string, string> = {};
  const path = (values["fullPath"] ?? "").trim();
  if (!kind.path.pattern.test(path)) problems["fullPath"] = kind.path.problem;
  for (const { name, label, secret, check } of kind.fields) {
    const value = (values[name] ?? "").trim();
    if (value === "") {
      if (!(secret && stored)) problems[name] = `${label} is missing.`;
    } else {
      const problem = check?.(value);
      if (problem !== undefined) problems[name] = problem;
    }
  }
  const suffix = values["thumbSuffix"] ?? "";
  if (suffix !== "" && !suffix.includes("[filename]")) problems["thumbSuffix"] = "Must contain [filename], which stands for the path without its extension.";
  return problems;
}

/** What is sent. */
export function configOf(kind: DatasourceKind, purpose: DatasourcePurpose, values: Values, stored: boolean): DatasourceConfig {
  const fields = Object.fromEntries(kind.fields.map(({ name, secret }) => [name, (values[name] ?? "").trim() || (secret && stored ? mask : "")]));
  const suffix = (values["thumbSuffix"] ?? "").trim();
  return { type: kind.type, purpose, fullPath: (values["fullPath"] ?? "").trim(), ...(suffix !== "" && { thumbSuffix: suffix }), ...fields } as unknown as DatasourceConfig;
}

/** Fields of a stored datasource; secrets stay out. */
export function valuesOf(config: DatasourceConfig): Values {
  const kind = kindOf(config);
  const all = config as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries([["fullPath", config.fullPath], ["thumbSuffix", config.thumbSuffix ?? ""], ...kind.fields.filter(({ secret }) => !secret).map(({ name }) => [name, String(all[name] ?? "")])]) as Values;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
