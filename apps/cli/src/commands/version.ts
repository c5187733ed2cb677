import { command } from "../command.ts";
import { VERSION } from "../version.ts";

export const version = command({
  name: "version",
  summary: "print the version",
  async run(_, io) {
    io.stdout.write(`${VERSION}\n`);
  },
});
