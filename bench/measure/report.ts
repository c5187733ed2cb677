/** The rows that every benchmark prints: a line to read and a line of JSON. */
import { loadavg } from "node:os";

export interface Row {
  readonly work: string;
  readonly data: string;
  readonly n: number;
  readonly d: number;
  readonly k: number;
  readonly ms: number;
  readonly peer?: string | undefined;
  readonly peerMs?: number | undefined;
  /** Processor time of all threads together, and the peer's: what hardly changes when others use the machine too. */
  readonly cpuMs?: number | undefined;
  readonly peerCpuMs?: number | undefined;
  /** How far our answer and the peer's agree, 0 … 1: picks, recall, trustworthiness; what it is stands in the printed line. */
  readonly agreement?: number | undefined;
  readonly peerAgreement?: number | undefined;
  readonly peerPeakMB?: number | undefined;
  /** What `agreement` measures. */
  readonly note?: string | undefined;
}

const smallest = new Map<string, { n: number; ms: number }>();

export function report({ note, cpuMs, peerCpuMs, ...row }: Row): void {
  const ratio = row.peerMs === undefined ? undefined : Number((row.peerMs / row.ms).toPrecision(3));
  const key = `${row.work} ${row.data}`;
  const before = smallest.get(key);
  if (before === undefined) smallest.set(key, row);
  const growth = before !== undefined && row.n > before.n ? `; × ${(row.ms / before.ms).toFixed(1)} for × ${(row.n / before.n).toFixed(0)} rows` : "";
  const size = `${row.n} × ${row.d}${row.k > 0 ? `, ${row.k}` : ""}`;
  const peer = row.peer === undefined ? "" : `; ${row.peer} ${shown(row.peerMs)} ms: ${ratio} ×`;
  const cpuRatio = cpuMs === undefined || peerCpuMs === undefined ? undefined : Number((peerCpuMs / cpuMs).toPrecision(3));
  const cpu = cpuRatio === undefined ? "" : `; processor time ${shown(cpuMs)} and ${shown(peerCpuMs)} ms: ${cpuRatio} ×`;
  const agreement = row.agreement === undefined ? "" : `; ${note ?? "agreement"} ${row.agreement.toFixed(4)}${row.peerAgreement === undefined ? "" : ` (theirs ${row.peerAgreement.toFixed(4)})`}`;
  console.log(`${row.work.padEnd(14)} ${row.data.padEnd(10)} ${size.padStart(20)} ${shown(row.ms).padStart(8)} ms${peer}${cpu}${agreement}${growth}`);
  const { work, data, n, d, k, ms, peer: name, peerMs, agreement: agreed, ...more } = row;
  // Who reads the lines finds every field in each; null: there was no peer, or nothing to compare.
  const always = { work, data, n, d, k, ms: rounded(ms), peer: name ?? null, peerMs: rounded(peerMs), ratio: ratio ?? null, peakMB: peakMB(), agreement: agreed ?? null };
  console.log(JSON.stringify({ ...always, ...more, ...(cpuMs !== undefined && { cpuMs: rounded(cpuMs), peerCpuMs: rounded(peerCpuMs), cpuRatio: cpuRatio ?? null }), load: Number(loadavg()[0]!.toFixed(1)) }));
}

/** The largest resident size of this process so far, in MiB. */
export function peakMB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Number(ms.toPrecision(4));
}

function shown(ms: number | undefined): string {
  return ms === undefined ? "?" : ms < 100 ? ms.toPrecision(3) : ms.toFixed(0);
}

/** Milliseconds of a piece of work, by the clock and of all processors together, and what it gave. */
export async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; cpuMs: number; result: T }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000, result };
}

/** The least time of several repetitions. */
export async function least(rounds: number, work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) best = Math.min(best, (await timed(work)).ms);
  return best;
}
