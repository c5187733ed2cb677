import { command } from "../command.ts";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { loginPath, platformKey, readLogins, writeLogins } from "../login/login-file.ts";
import { Problem, UsageError } from "../problems.ts";
import { DEFAULT_URL, addressOf, connection, platform } from "../platform/platform.ts";

const LENGTH_MAX = 500;

export const login = command({
  name: "login",
  group: "Work with a platform",
  summary: "keep your token for a platform, so that commands find it",
  flags: { server: { ...connection.server, summary: "address of the platform. Default: WINNOW_SERVER_LOCATION, else http://localhost:8080" }, status: { summary: "say who is logged in where, and change nothing" }, json: flags.json },
  notes: `Asks for the token, or reads it from standard input. It is tried, and kept in winnow/login.json of your configuration folder
(XDG_CONFIG_HOME, else ~/.config), readable by you alone, one for each platform. Commands go where you logged in last.

What counts, in this order: --server and --token, then WINNOW_SERVER_LOCATION and WINNOW_TOKEN, then the login. A token that is
kept for a platform is sent to that platform only.`,
  examples: ["winnow login", "winnow login --server https://winnow.example.org", "winnow token create --name laptop | winnow login", "winnow login --status"],
  async run({ flags: given }, io) {
    if (given.status) return status(given.json === true, io);
    const url = addressOf(given.server, io) ?? DEFAULT_URL;
    if (loginPath(io) === undefined) throw new Problem("There is no folder to keep the token in: set HOME or XDG_CONFIG_HOME.");
    const token = await tokenFrom(url, io);
    const client = await platform({ server: url, token }, io);
    const { domains } = await import("@winnow/client");
    // An older platform doesn't tell who it is, but does tell whether it takes the token.
    const email = await client.call(domains.users.getSignedInUser, { signal: io.stop }).then(
      (user) => user.email,
      async (error: { status?: number }) => {
        if (error.status !== 404) throw error;
        await client.getDatasets({ signal: io.stop });
        return undefined;
      },
    );
    const logins = readLogins(io);
    const path = writeLogins(io, { current: platformKey(url), platforms: { ...logins.platforms, [platformKey(url)]: { token, ...(email !== undefined && { email }) } } });
    io.stdout.write(given.json ? `${JSON.stringify({ server: platformKey(url), email: email ?? null, file: path })}\n` : `Logged in to ${platformKey(url)}${email === undefined ? "" : ` as ${email}`}. The token is kept in ${path}.\n`);
  },
});

export const logout = command({
  name: "logout",
  group: "Work with a platform",
  summary: "forget the token of a platform",
  flags: { server: { value: "URL", summary: "address of the platform; where winnow login was last unless given" }, all: { summary: "of all platforms" }, json: flags.json },
  notes: "The token goes on working until it is revoked: winnow token revoke ID, or in the app under preferences.",
  examples: ["winnow logout", "winnow logout --server https://winnow.example.org", "winnow logout --all"],
  async run({ flags: given }, io) {
    const { current, platforms } = readLogins(io);
    const wanted = given.server === undefined ? current : platformKey(given.server);
    const gone = given.all ? Object.keys(platforms) : wanted !== undefined && Object.hasOwn(platforms, wanted) ? [wanted] : [];
    if (given.server !== undefined && gone.length === 0) throw new Problem(`You aren't logged in to ${wanted}.`);
    const rest = Object.entries(platforms).filter(([url]) => !gone.includes(url));
    const next = current !== undefined && !gone.includes(current) ? current : rest.at(-1)?.[0];
    if (gone.length > 0) writeLogins(io, { ...(next !== undefined && { current: next }), platforms: Object.fromEntries(rest) });
    io.stdout.write(given.json ? `${JSON.stringify({ loggedOut: gone })}\n` : gone.length === 0 ? "You weren't logged in.\n" : `Logged out of ${gone.join(", ")}.\n`);
  },
});

function status(json: boolean, io: Io): void {
  const { current, platforms } = readLogins(io);
  const rows = Object.entries(platforms).map(([server, { email }]) => ({ server, email: email ?? null, current: server === current }));
  if (json) io.stdout.write(`${JSON.stringify(rows)}\n`);
  else io.stdout.write(rows.length === 0 ? "You aren't logged in.\n" : rows.map((row) => `${row.current ? "*" : " "} ${row.server}${row.email === null ? "" : `  ${row.email}`}\n`).join(""));
}

async function tokenFrom(url: string, { ask, stdin }: Io): Promise<string> {
  let text = "";
  if (ask !== undefined) text = await ask(`Your token for ${url} (it isn't shown): `, { hidden: true });
  else if (stdin !== undefined) {
    for await (const piece of stdin) {
      text += typeof piece === "string" ? piece : Buffer.from(piece).toString("utf8");
      if (text.includes("\n") || text.length > LENGTH_MAX) break;
    }
  } else throw new UsageError("There is no token: pipe it in, or log in at a terminal.");
  const token = text.split("\n")[0]!.trim();
  if (token === "" || token.length > LENGTH_MAX || /\s|\p{Cc}/u.test(token)) throw new UsageError("That is no token: it is one word, as winnow token create prints it.");
  return token;
}
