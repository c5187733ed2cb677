import { withAccounts } from "../accounts.ts";
import { type Command, command } from "../command.ts";
import * as flags from "../flags.ts";
import { databaseUrl } from "../store-settings.ts";
import { moment, table } from "../terminal/table.ts";

const create = command({
  name: "create",
  summary: "make a token, and print it (shown this once)",
  flags: {
    user: { value: "MAIL", summary: "whose token; the owner's unless given" },
    name: { value: "N", initial: "command line", summary: "a name to tell it by" },
    data: flags.data,
    databaseUrl,
    json: flags.json,
  },
  examples: ["winnow token create --name laptop", "WINNOW_TOKEN=$(winnow token create --name script)"],
  async run({ flags: given }, io) {
    const made = await withAccounts(given, io, async (db, server) => {
      // The first user is the owner.
      const email = given.user ?? (await server.listUsers(db))[0]!.email;
      return { email, ...(await server.createToken(db, email, given.name)) };
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
    const rows = tokens.map((token) => [token.id, token.email, token.name, moment(token.createdAt), token.revokedAt === null ? moment(token.lastUsedAt) : "revoked"]);
    io.stdout.write(table(io, [["ID", "MAIL", "NAME", "SINCE (UTC)", "LAST USED"], ...rows]));
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
