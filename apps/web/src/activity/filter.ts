export interface ActivityFilter {
  readonly email?: string;
  readonly action?: string;
  readonly datasetId?: string;
  /** Milliseconds since the epoch: the first that counts, and the first that no longer does. */
  readonly from?: number;
  readonly to?: number;
}

/** What the address asks for. Days are the reader's own, and the last of them counts as a whole; what is no day is left out. */
export function filterOf(parameters: URLSearchParams): ActivityFilter {
  const text = (name: string) => parameters.get(name)?.trim() || undefined;
  const email = text("email");
  const action = text("action")?.toLowerCase().replaceAll(/\s+/g, "_");
  const datasetId = text("datasetId");
  const from = dayOf(text("from"), 0);
  const to = dayOf(text("to"), 1);
  return { ...(email && { email }), ...(action && { action }), ...(datasetId && { datasetId }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** When the day `later` days after the written one begins. */
function dayOf(text: string | undefined, later: number): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? "") ?? [];
  if (year === undefined) return undefined;
  const time = new Date(Number(year), Number(month) - 1, Number(day) + later).getTime();
  return time >= 0 ? time : undefined;
}
