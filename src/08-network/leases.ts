// Who has which address. A lease is a link ADDRESS → ID: the kernel makes it for one only, and it outlives whoever was
// killed before he could give it back. What is left of one who is no more is noticed and taken away by the next.

import { UserError } from "../01-syscalls/index.ts";
import { type Address, formatAddress, lastOf, parseAddress, parseSubnet } from "./addresses.ts";
import { dropLink, leasesFolder, linksIn, portsFolder, putLink } from "./folders.ts";
import { removeLinks } from "./links.ts";
import { isHost, listNetworks, type Network } from "./networks.ts";

/** The end of a cable that stays outside. No two of this host's networks have an address in common, so no two cables. */
export function linkNameOf(address: Address): string {
  return `veth${address.toString(16).padStart(8, "0")}`;
}

/** Gives `holder` an address, the `wanted` one or the lowest that is free. Throws UserError. The caller holds the lock. */
export function takeAddress(root: string, network: Network, holder: string, wanted?: string): Address {
  const folder = leasesFolder(root, network.name);
  const leases = new Map(linksIn(folder));
  const own = [...leases].find(([, id]) => id === holder)?.[0];
  const address = own ?? (wanted === undefined ? lowestFree(network, leases) : checkWanted(network, leases, wanted));
  if (own === undefined) putLink(folder, address, holder);
  return parseAddress(address)!;
}

function checkWanted({ name, subnet, gateway }: Network, leases: Map<string, string>, wanted: string): string {
  const address = parseAddress(wanted);
  if (address === undefined) throw new UserError(`invalid IPv4 address: ${wanted}`);
  if (!isHost(address, parseSubnet(subnet))) {
    throw new UserError(`invalid endpoint settings: no configured subnet or ip-range contain the IP address ${wanted}`);
  }
  if (wanted === gateway || leases.has(wanted)) throw new UserError(`Address already in use: ${wanted} on ${name}`);
  return wanted;
}

function lowestFree({ name, subnet, gateway, ipRange }: Network, leases: Map<string, string>): string {
  const range = parseSubnet(ipRange ?? subnet);
  for (let address = range.base; address <= lastOf(range); address++) {
    const text = formatAddress(address);
    if (isHost(address, parseSubnet(subnet)) && text !== gateway && !leases.has(text)) return text;
  }
  throw new UserError(`no available IPv4 addresses on network ${name}: ${ipRange ?? subnet}`);
}

/** Takes back all that `isOver` says of its holder, on one network or on all: addresses, ports, cables. */
export function release(root: string, isOver: (holder: string) => boolean, only?: string): void {
  for (const { name } of listNetworks(root)) {
    if (only !== undefined && only !== name) continue;
    const leases = linksIn(leasesFolder(root, name));
    const ended = leases.filter(([, holder]) => isOver(holder)).map(([address]) => address);
    if (ended.length === 0) continue;
    // The cable first: whoever gets the address next lays one of the same name.
    removeLinks(ended.map((address) => linkNameOf(parseAddress(address)!)));
    for (const [port, target] of linksIn(portsFolder(root, name))) {
      if (ended.includes(target.slice(0, target.indexOf(":")))) dropLink(portsFolder(root, name), port);
    }
    for (const address of ended) dropLink(leasesFolder(root, name), address);
  }
}

/** Who is on the network, by address. */
export function leasesOn(root: string, name: string): { address: string; holder: string }[] {
  return linksIn(leasesFolder(root, name)).map(([address, holder]) => ({ address, holder }));
}
