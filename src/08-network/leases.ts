// Who has which address. A lease is a link ADDRESS → ID/MAC, or ADDRESS → ID/MAC/ADDRESS6 where the network has IPv6: the kernel
// makes it for one only, and it outlives whoever was killed before he could give it back. What is left of one who is no more is
// noticed and taken away by the next.

import { UserError } from "../01-syscalls/index.ts";
import { type Address, formatAddress, lastOf, macOf, parseAddress, parseSubnet } from "./addresses.ts";
import { address6Of, contains6, formatAddress6, parseAddress6, parseNetwork6 } from "./addresses6.ts";
import { dropChain } from "./chains.ts";
import { dropLink, leasesFolder, linksIn, portsFolder, putLink } from "./folders.ts";
import { removeLinks } from "./links.ts";
import { isHost, listNetworks, type Network } from "./networks.ts";
import { takeDownNow } from "./takedown.ts";

/** The end of a cable that stays outside. No two of this host's networks have an address in common, so no two cables. */
export function linkNameOf(address: Address): string {
  return `veth${address.toString(16).padStart(8, "0")}`;
}

export interface Lease {
  address: string;
  /** Where the network has IPv6, too. */
  address6?: string;
  /** A container's id. */
  holder: string;
  mac: string;
}

/** Who is on the network. */
export function leasesOn(root: string, name: string): Lease[] {
  return linksIn(leasesFolder(root, name)).map(([address, target]) => {
    const [holder = "", mac = macOf(parseAddress(address)!), address6] = target.split("/");
    return { address, ...(address6 !== undefined && { address6 }), holder, mac };
  });
}

export type Addresses = Pick<Lease, "address" | "address6">;

/**
 * Gives `holder` an address, the `wanted` one or the lowest that is free; its hardware address is made of it unless said, and so
 * is its address of IPv6. Throws UserError. The caller holds the lock.
 */
export function takeAddress(
  root: string,
  network: Network,
  holder: string,
  wanted: Partial<Omit<Lease, "holder">> = {},
): Addresses {
  const leases = leasesOn(root, network.name);
  const own = leases.find((lease) => lease.holder === holder);
  if (own) return own;
  const taken = new Set(leases.flatMap(({ address, address6 = address }) => [address, address6]));
  const address6 = wanted.address6 === undefined ? undefined : checkWanted6(network, taken, wanted.address6);
  const isFree = (address: string) =>
    !taken.has(address) && !taken.has(address6 ?? ownAddress6(network, address) ?? "");
  const address =
    wanted.address === undefined ? lowestFree(network, isFree) : checkWanted(network, isFree, wanted.address);
  const found = addressesAt(network, address, address6);
  const mac = wanted.mac ?? macOf(parseAddress(address)!);
  putLink(leasesFolder(root, network.name), address, [holder, mac, found.address6 ?? []].flat().join("/"));
  return found;
}

/** What somebody has who has this address of IPv4, and maybe has chosen one of IPv6. */
export function addressesAt(network: Network, address: string, chosen6?: string): Addresses {
  const address6 = chosen6 ?? ownAddress6(network, address);
  return { address, ...(address6 !== undefined && { address6 }) };
}

function ownAddress6({ subnet6 }: Network, address: string): string | undefined {
  return subnet6 === undefined ? undefined : address6Of(parseNetwork6(subnet6), address);
}

function checkWanted({ name, subnet, gateway }: Network, isFree: (address: string) => boolean, wanted: string): string {
  const address = parseAddress(wanted);
  if (address === undefined) throw new UserError(`invalid IPv4 address: ${wanted}`);
  if (!isHost(address, parseSubnet(subnet))) throw outsider(wanted);
  if (wanted === gateway || !isFree(wanted)) throw inUse(wanted, name);
  return wanted;
}

/** Written down as we do it. */
function checkWanted6({ name, subnet6, gateway6 }: Network, taken: Set<string>, wanted: string): string {
  const bytes = parseAddress6(wanted);
  if (bytes === undefined) throw new UserError(`invalid IPv6 address: ${wanted}`);
  if (subnet6 === undefined) {
    throw new UserError(
      "invalid endpoint settings: user specified IP address is supported only when connecting to networks with user configured subnets",
    );
  }
  const subnet = parseNetwork6(subnet6);
  // The first one is every router's: RFC 4291, 2.6.1.
  if (!contains6(subnet, bytes) || bytes.equals(subnet.base)) throw outsider(wanted);
  const address = formatAddress6(bytes);
  if (address === gateway6 || taken.has(address)) throw inUse(address, name);
  return address;
}

function outsider(wanted: string): UserError {
  return new UserError(`invalid endpoint settings: no configured subnet or ip-range contain the IP address ${wanted}`);
}

function inUse(address: string, network: string): UserError {
  return new UserError(`Address already in use: ${address} on ${network}`);
}

function lowestFree({ name, subnet, gateway, ipRange }: Network, isFree: (address: string) => boolean): string {
  const range = parseSubnet(ipRange ?? subnet);
  for (let address = range.base; address <= lastOf(range); address++) {
    const text = formatAddress(address);
    if (isHost(address, parseSubnet(subnet)) && text !== gateway && isFree(text)) return text;
  }
  throw new UserError(`no available IPv4 addresses on network ${name}: ${ipRange ?? subnet}`);
}

/** Takes back all that `isOver` says of its holder, on one network or on all: addresses, ports, cables. */
export function release(root: string, isOver: (holder: string) => boolean, only?: string): void {
  // The cable first: whoever gets the address next lays one of the same name.
  for (const [name, ended] of cutCables(root, isOver, only)) {
    for (const [port, target] of linksIn(portsFolder(root, name))) {
      if (ended.includes(target.slice(0, target.indexOf(":")))) dropLink(portsFolder(root, name), port);
    }
    for (const address of ended) dropLink(leasesFolder(root, name), address);
  }
}

/**
 * The same where its holder runs on: his cable doesn't go with him, and whoever is killed meanwhile must leave word of it. So it is
 * gone before the address is free.
 */
export function releaseNow(root: string, isOver: (holder: string) => boolean, only: string): void {
  cutCables(root, isOver, only);
  takeDownNow();
  release(root, isOver, only);
}

/** Returns the addresses whose cables they were, by network. */
function cutCables(root: string, isOver: (holder: string) => boolean, only?: string): [string, string[]][] {
  return listNetworks(root).flatMap(({ name }): [string, string[]][] => {
    if (only !== undefined && only !== name) return [];
    const over = leasesOn(root, name).filter(({ holder }) => isOver(holder));
    const ended = over.map(({ address }) => address);
    if (ended.length === 0) return [];
    const links = ended.map((address) => linkNameOf(parseAddress(address)!));
    removeLinks(links);
    // Since Linux 6.16 a chain stays when its link goes.
    for (const link of links) dropChain("netdev", link);
    return [[name, ended]];
  });
}
