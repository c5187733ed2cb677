import type { Section } from "../document.ts";
import type { RunFacts } from "../facts.ts";
import { counted, shown } from "../wording.ts";

const NOTICES_MAX = 20;

/** Remarks that a reader must see before anything else. */
export function noticesSection({ notices }: RunFacts): Section | undefined {
  if (notices.length === 0) return undefined;
  const first = notices.slice(0, NOTICES_MAX).map(shown);
  if (notices.length > NOTICES_MAX) first.push(`and ${counted(notices.length - NOTICES_MAX, "further notices")}, listed in report.json`);
  return { id: "notices", title: "Notices", blocks: [{ kind: "notices", notices: first }] };
}
