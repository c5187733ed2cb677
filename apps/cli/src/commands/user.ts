import { withAccounts } from "../accounts.ts";
import { type Command, command } from "../command.ts";
import * as flags from "../flags.ts";
import { databaseUrl } from "../store-settings.ts";
import { moment, table } from "../terminal/table.ts";

const mail = { name: "MAIL", summary: "the user's mail address" } as const;

const add = command({
  name: "add",
  summary: "add a user, and print the user's first token (shown this once)",
  arguments: [mail],
  flags: { data: flags.data, databaseUrl, json: flags.json },
  examples: ["winnow user add ada@example.org", "winnow user add ada@example.org --data ./data --json"],
  async run({ flags: given, arguments: [email] }, io) {
    const { user, token } = await withAccounts(given, io, (db, server) => server.addUser(db, email!));
    if (given.json) io.stdout.write(`${JSON.stringify({ userId: user.id, email: user.email, token })}\n`);
    else io.stdout.write(`user   ${user.email}\nid     ${user.id}\ntoken  ${token}   (shown this once: hand it over in a safe way)\n`);
  },
});

const list = command({
  name: "ls",
  summary: "list the users",
  flags: { data: flags.data, databaseUrl, json: flags.json },
  examples: ["winnow user ls"],
  async run({ flags: given }, io) {
    const users = await withAccounts(given, io, (db, server) => server.listUsers(db));
    if (given.json) io.stdout.write(`${JSON.stringify(users.map(({ id, email, createdAt }) => ({ userId: id, email, createdAt: Number(createdAt) })))}\n`);
    else io.stdout.write(table(io, [["MAIL", "ID", "SINCE (UTC)"], ...users.map(({ id, email, createdAt }) => [email, id, moment(createdAt)])]));
  },
});

const remove = command({
  name: "rm",
  summary: "remove a user who has no datasets any more, with all tokens",
  arguments: [mail],
  flags: { data: flags.data, databaseUrl, json: flags.json },
  examples: ["winnow user rm ada@example.org"],
  async run({ flags: given, arguments: [email] }, io) {
    await withAccounts(given, io, (db, server) => server.removeUser(db, email!));
    io.stdout.write(given.json ? `${JSON.stringify({ removed: email })}\n` : `Removed ${email}.\n`);
  },
});

export const user: Command = {
  name: "user",
  group: "Run a platform",
  summary: "add, list and remove users of a data folder, also while the server runs",
  commands: [add, list, remove],
};
