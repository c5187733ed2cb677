import { isIPv4, isIPv6 } from "node:net";

/** Where an IP address leads: `metadata` are the link-local networks and the fixed addresses at which clouds hand out credentials to machines. */
export type NetworkKind = "public" | "private" | "metadata";

/** [address, bits] of the networks that are not the internet, IPv4 as IANA's special-purpose registry lists them. */
const private4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
];
/** Link-local; the metadata services of Azure (168.63.129.16), Alibaba (100.100.100.200) and Oracle (192.0.0.192). */
const metadata4: readonly (readonly [string, number])[] = [["169.254.0.0", 16], ["168.63.129.16", 32], ["100.100.100.200", 32], ["192.0.0.192", 32]];
/** Only 2000::/3 is handed out as internet; from it 2001:db8::/32 is for documentation, 2001::/23 for protocols (Teredo among them). */
const public6: readonly (readonly [string, number])[] = [["2000::", 3]];
const private6: readonly (readonly [string, number])[] = [["2001:db8::", 32], ["2001::", 23], ["3fff::", 20]];
/** Link-local; the metadata services of AWS and Google over IPv6. */
const metadata6: readonly (readonly [string, number])[] = [["fe80::", 10], ["fd00:ec2::254", 128], ["fd20:ce::254", 128]];
/** IPv6 addresses that lead to an IPv4 one, and the byte at which it stands: mapped, compatible, translated (NAT64, also its local prefix), 6to4. */
const carriers6: readonly (readonly [string, number, number])[] = [["::ffff:0:0", 96, 12], ["::", 96, 12], ["64:ff9b::", 96, 12], ["64:ff9b:1::", 48, 12], ["2002::", 16, 2]];

/** Where an address leads. What is no IP address counts as `metadata`: nothing should go there. */
export function networkOf(address: string): NetworkKind {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (isIPv4(plain)) return networkOf4(bytes4(plain));
  if (!isIPv6(plain)) return "metadata";
  const bytes = bytes6(plain);
  if (isOne(bytes, metadata6, bytes6)) return "metadata";
  for (const [network, bits, at] of carriers6) {
    if (isIn(bytes, bytes6(network), bits)) return networkOf4(bytes.slice(at, at + 4));
  }
  return isOne(bytes, public6, bytes6) && !isOne(bytes, private6, bytes6) ? "public" : "private";
}

/** Whether an address is this machine. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (isIPv4(plain)) return isOne(bytes4(plain), [["127.0.0.0", 8]], bytes4);
  if (!isIPv6(plain)) return false;
  const bytes = bytes6(plain);
  return isOne(bytes, [["::1", 128], ["::ffff:127.0.0.0", 104]], bytes6);
}

function networkOf4(bytes: readonly number[]): NetworkKind {
  if (isOne(bytes, metadata4, bytes4)) return "metadata";
  return isOne(bytes, private4, bytes4) ? "private" : "public";
}

function isOne(bytes: readonly number[], networks: readonly (readonly [string, number])[], parse: (text: string) => number[]): boolean {
  return networks.some(([network, bits]) => isIn(bytes, parse(network), bits));
}

function isIn(bytes: readonly number[], network: readonly number[], bits: number): boolean {
  for (let i = 0; i * 8 < bits; i++) {
    const mask = bits - i * 8 >= 8 ? 0xff : (0xff << (8 - (bits - i * 8))) & 0xff;
    if (((bytes[i] ?? 0) & mask) !== ((network[i] ?? 0) & mask)) return false;
  }
  return true;
}

function bytes4(text: string): number[] {
  return text.split(".").map(Number);
}

function bytes6(text: string): number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes4(dotted[2] ?? "");
    return bytes6(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => part.split(":").filter((one) => one !== "");
  const [left, right] = [groups(head), groups(tail ?? "")];
  const all = tail === undefined ? left : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
  return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
