import { expect, it } from "vitest";
import { isLoopback, networkOf } from "./network-address.ts";

it.each([
  ["8.8.8.8", "public"], ["172.15.255.255", "public"], ["172.32.0.0", "public"], ["192.169.0.1", "public"], ["100.63.0.1", "public"], ["2606:4700::1111", "public"], ["::ffff:8.8.8.8", "public"], ["64:ff9b::808:808", "public"], ["2002:808:808::1", "public"],
  ["127.0.0.1", "private"], ["0.0.0.0", "private"], ["10.1.2.3", "private"], ["172.16.0.1", "private"], ["172.31.255.255", "private"], ["192.168.1.1", "private"], ["100.64.0.1", "private"], ["198.18.0.1", "private"], ["224.0.0.1", "private"], ["255.255.255.255", "private"],
  ["::1", "private"], ["::", "private"], ["[::1]", "private"], ["fc00::1", "private"], ["fd12:3456::1", "private"], ["ff02::1", "private"], ["::ffff:127.0.0.1", "private"], ["::ffff:7f00:1", "private"], ["::7f00:1", "private"], ["64:ff9b::7f00:1", "private"], ["2002:7f00:1::", "private"], ["2001:db8::1", "private"], ["2001::1", "private"],
  ["169.254.169.254", "metadata"], ["168.63.129.16", "metadata"], ["100.100.100.200", "metadata"], ["192.0.0.192", "metadata"], ["fe80::1%eth0", "metadata"], ["fd00:ec2::254", "metadata"], ["fd20:ce::254", "metadata"], ["::ffff:169.254.169.254", "metadata"], ["::ffff:a9fe:a9fe", "metadata"], ["64:ff9b::a9fe:a9fe", "metadata"], ["2002:a9fe:a9fe::1", "metadata"], ["not an address", "metadata"],
] as const)("%s leads to the %s network", (address, kind) => {
  expect(networkOf(address)).toBe(kind);
});

it("tells this machine from its neighbours", () => {
  for (const one of ["127.0.0.1", "127.255.0.9", "::1", "[::1]", "::ffff:127.0.0.1"]) expect(isLoopback(one), one).toBe(true);
  for (const one of ["128.0.0.1", "10.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "localhost", ""]) expect(isLoopback(one), one).toBe(false);
});
