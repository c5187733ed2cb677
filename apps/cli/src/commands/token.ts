import { withAccounts } from "../accounts.ts";
import { type Command, command } from "../command.ts";
import * as flags from "../flags.ts";
import { UsageError } from "../problems.ts";
import { databaseUrl } from "../store-settings.ts";
import { moment, table } from "../terminal/table.ts";

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 };

/** The moment that `--expires` means, in milliseconds since the epoch. */
export function parseExpiry(text: string, nowMs = Date.now()): number {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const end = count !== undefined ? nowMs + Number(count) * unitMs[unit!]! : /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : Number.NaN;
  if (!Number.isFinite(end)) throw new UsageError(`--expires must be a time such as 12h, 30d or 8w, or a date such as 2030-12-31, not ${JSON.stringify(text)}.`);
  if (end <= nowMs) throw new UsageError(`--expires must lie in the future, not at ${text}.`);
  return end;
}

/** What `--expires` and `--scope` leave of that which the user may do. */
export function boundsOf(expiresAt: number | undefined, scopes: readonly string[]): { readOnly: boolean; expiresAt?: number; datasetIds?: string[] } {
  const datasetIds: string[] = [];
  let readOnly = false;
  for (const scope of scopes.flatMap((one) => one.split(",")).map((one) => one.trim())) {
    const [, id] = /^dataset:([0-9a-f]{24})$/.exec(scope) ?? [];
    if (scope === "read") readOnly = true;
    else if (id !== undefined) datasetIds.push(id);
    else throw new UsageError(`--scope takes read and dataset:ID, not ${JSON.stringify(scope)}.`);
  }
  return { readOnly, ...(expiresAt !== undefined && { expiresAt }), ...(datasetIds.length > 0 && { datasetIds }) };
}

function scopeText({ readOnly, datasetIds }: { readOnly: boolean; datasetIds: readonly string[] | null }): string {
  const parts = [...(readOnly ? ["read"] : []), ...(datasetIds ?? []).map((id) => `dataset:${id}`)];
  return parts.length === 0 ? "all" : parts.join(",");
}

const create = command({
  name: "create",
  summary: "make a token, and print it (shown this once)",
  flags: {
    user: { value: "MAIL", summary: "whose token; the owner's unless given" },
    name: { value: "N", initial: "command line", summary: "a name to tell it by" },
    expires: { value: "WHEN", summary: "how long it works: 12h, 30d, 8w, or until a date such as 2030-12-31 (UTC); else until it is revoked", parse: (text: string) => parseExpiry(text) },
    scope: { value: "S", summary: "what it may do: read, and dataset:ID for one dataset only; may be given more than once, or with commas", parse: (text: string, before: readonly string[] | undefined) => [...(before ?? []), text] },
    data: flags.data,
    databaseUrl,
    json: flags.json,
  },
  examples: ["winnow token create --name laptop", "winnow token create --name dashboard --expires 90d --scope read --scope dataset:64b0f0c0ffee64b0f0c0ffee", "WINNOW_TOKEN=$(winnow token create --name script)"],
  async run({ flags: given }, io) {
    const made = await withAccounts(given, io, async (db, server) => {
      // The first user is the owner.
      const email = given.user ?? (await server.listUsers(db))[0]!.email;
      return { email, ...(await server.createToken(db, email, given.name, boundsOf(given.expires, given.scope ?? []))) };
    });
    if (given.json) {
      io.stdout.write(`${JSON.stringify({ id: made.id, email: made.email, name: given.name, token: made.token })}\n`);
      return;
    }
    // The token alone, so that a script can take it as it is.
    io.stdout.write(`${made.token}\n`);
    io.stderr.write(`Token ${made.id} of ${made.email}; it is shown this once. winnow token revoke ${made.id} ends it.\n`);
  },
});

const list = command({
  name: "ls",
  summary: "list the tokens (their text isn't kept)",
  flags: { user: { value: "MAIL", summary: "only this user's" }, data: flags.data, databaseUrl, json: flags.json },
  examples: ["winnow token ls"],
  async run({ flags: given }, io) {
    const tokens = await withAccounts(given, io, (db, server) => server.listTokens(db, given.user));
    if (given.json) {
      io.stdout.write(`${JSON.stringify(tokens)}\n`);
      return;
    }
    const rows = tokens.map((token) => [token.id, token.email, token.name, moment(token.createdAt), token.revokedAt === null ? moment(token.lastUsedAt) : "revoked", token.expiresAt === null ? "never" : moment(token.expiresAt), scopeText(token)]);
    io.stdout.write(table(io, [["ID", "MAIL", "NAME", "SINCE (UTC)", "LAST USED", "ENDS", "SCOPE"], ...rows]));
  },
});

const revoke = command({
  name: "revoke",
  summary: "make a token stop working",
  arguments: [{ name: "ID", summary: "as `winnow token ls` shows it" }],
  flags: { data: flags.data, databaseUrl, json: flags.json },
  examples: ["winnow token revoke 64e1f0c2a9b3d4e5f6a7b8c9"],
  async run({ flags: given, arguments: [id] }, io) {
    await withAccounts(given, io, (db, server) => server.revokeToken(db, id!));
    io.stdout.write(given.json ? `${JSON.stringify({ revoked: id })}\n` : `Revoked ${id}.\n`);
  },
});

export const token: Command = {
  name: "token",
  group: "Run a platform",
  summary: "make, list and revoke tokens of a data folder, also while the server runs",
  commands: [create, list, revoke],
};
