// Which addresses a new network gets: the first of a row of private ranges (RFC 1918) of which nothing is in use, neither
// by another network of ours nor by whatever this machine has a route to.

import { readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { overlaps, parseAddress, type Subnet } from "./addresses.ts";

/** Docker's: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and so on. */
const POOL: Subnet[] = [
  ...Array.from({ length: 15 }, (_, index) => ({ base: parseAddress(`172.${17 + index}.0.0`)!, prefix: 16 })),
  ...Array.from({ length: 16 }, (_, index) => ({ base: parseAddress(`192.168.${16 * index}.0`)!, prefix: 20 })),
];

/** The first is the default network's, though that may not be there yet. */
const OTHERS = POOL.slice(1);

/** `taken`: those of our other networks. Throws UserError in Docker's words. */
export function freeSubnet(taken: readonly Subnet[], isDefault: boolean, routes = hostSubnets()): Subnet {
  const used = [...taken, ...routes];
  const free = (isDefault ? POOL : OTHERS).find((subnet) => !used.some((other) => overlaps(subnet, other)));
  if (free) return free;
  throw new UserError("could not find an available, non-overlapping IPv4 address pool among the defaults", {
    hint: "--subnet names one that is free",
  });
}

/** Everything this machine has a route to, but "everybody". */
function hostSubnets(): Subnet[] {
  return parseRoutes(readFileSync("/proc/net/route", "utf8"));
}

/** proc_net_route(5): link, destination, gateway, …, mask in the eighth column; hexadecimal, the last byte first. */
export function parseRoutes(text: string): Subnet[] {
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .map(([, destination = "", , , , , , mask = ""]) => ({
      base: reversed(destination),
      prefix: reversed(mask).toString(2).replaceAll("0", "").length,
    }))
    .filter(({ prefix }) => prefix > 0);
}

function reversed(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}
