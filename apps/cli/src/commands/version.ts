import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { VERSION } from "../version.ts";

export const version = command({
  name: "version",
  group: "Other",
  summary: "print the version",
  flags: { json: flags.json },
  examples: ["winnow version", "winnow version --json"],
  async run({ flags: given }, io) {
    if (!given.json) return void io.stdout.write(`${VERSION}\n`);
    const { PROTOCOL_VERSION } = await import("@winnow/client");
    io.stdout.write(`${JSON.stringify({ version: VERSION, node: process.versions.node, protocol: PROTOCOL_VERSION })}\n`);
  },
});
