import { main } from "./process.ts";

await main(process.argv.slice(2));
