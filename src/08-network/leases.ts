// Who has which address. A lease is a link ADDRESS → ID/MAC: the kernel makes it for one only, and it outlives whoever was
// killed before he could give it back. What is left of one who is no more is noticed and taken away by the next.

import { UserError } from "../01-syscalls/index.ts";
import { type Address, formatAddress, lastOf, macOf, parseAddress, parseSubnet } from "./addresses.ts";
import { dropChain } from "./chains.ts";
import { dropLink, leasesFolder, linksIn, portsFolder, putLink } from "./folders.ts";
import { removeLinks } from "./links.ts";
import { isHost, listNetworks, type Network } from "./networks.ts";

/** The end of a cable that stays outside. No two of this host's networks have an address in common, so no two cables. */
export function linkNameOf(address: Address): string {
  return `veth${address.toString(16).padStart(8, "0")}`;
}

export interface Lease {
  address: string;
  /** A container's id. */
  holder: string;
  mac: string;
}

/** Who is on the network. */
export function leasesOn(root: string, name: string): Lease[] {
  return linksIn(leasesFolder(root, name)).map(([address, target]) => {
    const [holder = "", mac = macOf(parseAddress(address)!)] = target.split("/");
    return { address, holder, mac };
  });
}

/**
 * Gives `holder` an address, the `wanted` one or the lowest that is free; its hardware address is made of it unless said.
 * Throws UserError. The caller holds the lock.
 */
export function takeAddress(
  root: string,
  network: Network,
  holder: string,
  { address: wanted, mac }: Partial<Pick<Lease, "address" | "mac">> = {},
): Address {
  const leases = leasesOn(root, network.name);
  const own = leases.find((lease) => lease.holder === holder)?.address;
  const taken = new Set(leases.map(({ address }) => address));
  const address = own ?? (wanted === undefined ? lowestFree(network, taken) : checkWanted(network, taken, wanted));
  const number = parseAddress(address)!;
  if (own === undefined) putLink(leasesFolder(root, network.name), address, `${holder}/${mac ?? macOf(number)}`);
  return number;
}

function checkWanted({ name, subnet, gateway }: Network, taken: Set<string>, wanted: string): string {
  const address = parseAddress(wanted);
  if (address === undefined) throw new UserError(`invalid IPv4 address: ${wanted}`);
  if (!isHost(address, parseSubnet(subnet))) {
    throw new UserError(`invalid endpoint settings: no configured subnet or ip-range contain the IP address ${wanted}`);
  }
  if (wanted === gateway || taken.has(wanted)) throw new UserError(`Address already in use: ${wanted} on ${name}`);
  return wanted;
}

function lowestFree({ name, subnet, gateway, ipRange }: Network, taken: Set<string>): string {
  const range = parseSubnet(ipRange ?? subnet);
  for (let address = range.base; address <= lastOf(range); address++) {
    const text = formatAddress(address);
    if (isHost(address, parseSubnet(subnet)) && text !== gateway && !taken.has(text)) return text;
  }
  throw new UserError(`no available IPv4 addresses on network ${name}: ${ipRange ?? subnet}`);
}

/** Takes back all that `isOver` says of its holder, on one network or on all: addresses, ports, cables. */
export function release(root: string, isOver: (holder: string) => boolean, only?: string): void {
  for (const { name } of listNetworks(root)) {
    if (only !== undefined && only !== name) continue;
    const over = leasesOn(root, name).filter(({ holder }) => isOver(holder));
    const ended = over.map(({ address }) => address);
    if (ended.length === 0) continue;
    // The cable first: whoever gets the address next lays one of the same name.
    const links = ended.map((address) => linkNameOf(parseAddress(address)!));
    removeLinks(links);
    // Since Linux 6.16 a chain stays when its link goes.
    for (const link of links) dropChain("netdev", link);
    for (const [port, target] of linksIn(portsFolder(root, name))) {
      if (ended.includes(target.slice(0, target.indexOf(":")))) dropLink(portsFolder(root, name), port);
    }
    for (const address of ended) dropLink(leasesFolder(root, name), address);
  }
}
