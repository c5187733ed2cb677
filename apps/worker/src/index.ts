export type { RunFacts } from "./report/facts.ts";
