// Addresses of machines: whether one is this very machine's, and whether it lies in a range, `10.0.0.0/8`.

import { BlockList, isIP } from "node:net";

export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || isWithin(address, "127.0.0.0/8");
}

/** False for names, and for a range that is none. */
export function isWithin(address: string, range: string): boolean {
  const [network = "", bits] = range.split("/");
  const family = isIP(address);
  if (bits === undefined || family === 0 || isIP(network) !== family) return false;
  const most = family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}
