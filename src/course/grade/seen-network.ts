// Who a process is on its network, and where its packets go, as the kernel's own files say. See proc_net(5).

import { formatAddress } from "../../08-network/index.ts";
import type { SeenRoute } from "./seen.ts";

/** Of /proc/PID/net/fib_trie, which has each address twice: `|-- 10.8.0.2`, and below it `/32 host LOCAL`. */
export function addressesIn(text: string): string[] {
  const own = [...text.matchAll(/\|-- ([\d.]+)\n\s*\/32 host LOCAL/g)].map(([, address]) => address!);
  return [...new Set(own)].sort();
}

const GATEWAY = 2;

/** Of /proc/PID/net/route: a line of titles, then link, destination, gateway, flags, three numbers, and the mask. */
export function routesIn(text: string): SeenRoute[] {
  const lines = text.trim().split("\n").slice(1);
  return lines.map((line) => {
    const [link = "", destination = "", gateway = "", flags = "", , , , mask = ""] = line.split(/\s+/);
    const to = `${formatAddress(addressOf(destination))}/${bitsOf(addressOf(mask))}`;
    return { to, link, ...(Number.parseInt(flags, 16) & GATEWAY && { via: formatAddress(addressOf(gateway)) }) };
  });
}

/** Hexadecimal, as this machine has it in memory: the last byte first. */
function addressOf(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function bitsOf(mask: number): number {
  return 32 - Math.log2(2 ** 32 - mask);
}
