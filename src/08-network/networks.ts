// A network of ours: a name, a range of addresses, and a bridge, which is there while anybody is on it.

import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { randomBytes, UserError } from "../01-syscalls/index.ts";
import { makeFolder, writeFileDurably } from "../06-images/index.ts";
import {
  type Address,
  contains,
  firstOf,
  formatAddress,
  formatSubnet,
  lastOf,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from "./addresses.ts";
import { address6Of, formatSubnet6, overlaps6, parseNetwork6, randomSubnet6 } from "./addresses6.ts";
import { entriesOf, leasesFolder, linksIn, networkFolder, networksFolder, recordFile } from "./folders.ts";
import { freeSubnet } from "./subnets.ts";
import { TUNNELS } from "./tunnels.ts";

/** network.json. */
export interface Network {
  name: string;
  id: string;
  /** RFC 3339. */
  created: string;
  /** `172.18.0.0/16`, the host's own address in it, and where addresses are given from, if not from all of it. */
  subnet: string;
  gateway: string;
  ipRange?: string;
  /** The same of IPv6, where it has that, too. */
  subnet6?: string;
  gateway6?: string;
  /** No way out of it, and none in. */
  internal: boolean;
  labels: Record<string, string>;
  options: Record<string, string>;
  /** The link's name. */
  bridge: string;
}

export interface NetworkWish {
  name: string;
  subnet?: string | undefined;
  gateway?: string | undefined;
  ipRange?: string | undefined;
  ipv6?: boolean;
  /** One of its own choice, which makes it one with IPv6. */
  subnet6?: string | undefined;
  internal?: boolean;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

/** The one that every container is on which names no other. */
export const DEFAULT_NETWORK = "bridge";

/** Names that have a meaning of their own. */
export const PREDEFINED: readonly string[] = [DEFAULT_NETWORK, "host", "none", ...TUNNELS];

const BRIDGE_NAME = "com.docker.network.bridge.name";
/** `false`: whoever is on it is believed to be who he says he is, as on Docker's. */
const GUARD = "mini-docker.guard";

export function listNetworks(root: string): Network[] {
  const names = entriesOf(networksFolder(root)).filter((name) => name !== "lock" && !name.startsWith("."));
  return names.map((name) => JSON.parse(readFileSync(recordFile(root, name), "utf8")) as Network);
}

/** By name, id, or the beginning of an id. Throws UserError as Docker words it. */
export function findNetwork(root: string, wanted: string): Network {
  const all = listNetworks(root);
  const named = all.find(({ name }) => name === wanted) ?? all.find(({ id }) => id === wanted);
  if (named) return named;
  const matching = wanted === "" ? [] : all.filter(({ id }) => id.startsWith(wanted));
  if (matching.length > 1) throw new UserError(`network ${wanted} is ambiguous (${matching.length} matches found)`);
  if (matching.length === 1) return matching[0]!;
  throw new UserError(`network ${wanted} not found`);
}

/** The default network is made when it is asked for first; before, this is what it would be like. */
export function defaultNetwork(root: string): Network {
  const all = listNetworks(root);
  return all.find(({ name }) => name === DEFAULT_NETWORK) ?? draftNetwork({ name: DEFAULT_NETWORK }, all);
}

/** The caller holds the lock. */
export function ensureDefaultNetwork(root: string): void {
  if (!existsSync(recordFile(root, DEFAULT_NETWORK))) publish(root, defaultNetwork(root));
}

/** Throws UserError for a name that is taken or can't be one, and for addresses that are somebody else's. */
export function createNetwork(root: string, wish: NetworkWish): Network {
  const { name } = wish;
  if (PREDEFINED.includes(name)) throw new UserError(`operation is not permitted on predefined ${name} network`);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw new UserError(`invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-]* are allowed`);
  }
  const network = draftNetwork(wish, listNetworks(root));
  publish(root, network);
  return network;
}

function draftNetwork(wish: NetworkWish, others: Network[]): Network {
  const { name, ipRange, internal = false, labels = {}, options = {} } = wish;
  if (others.some((other) => other.name === name)) throw new UserError(`network with name ${name} already exists`);
  checkOptions(options);
  const subnet = chooseSubnet(wish, others);
  const gateway = chooseGateway(wish, subnet);
  if (ipRange !== undefined) checkRange(ipRange, subnet);
  const id = randomBytes(32).toString("hex");
  return {
    name,
    id,
    created: new Date().toISOString(),
    subnet: formatSubnet(subnet),
    gateway: formatAddress(gateway),
    ...(ipRange !== undefined && { ipRange }),
    ...chooseSubnet6(wish, gateway, others),
    internal,
    labels,
    options,
    bridge: bridgeName(wish, id, others),
  };
}

function chooseSubnet({ name, subnet, gateway, ipRange }: NetworkWish, others: Network[]): Subnet {
  const taken = others.map((other) => parseSubnet(other.subnet));
  if (subnet === undefined && (gateway !== undefined || ipRange !== undefined)) {
    throw new UserError("every ip-range or gateway must have a corresponding subnet");
  }
  if (subnet === undefined) return freeSubnet(taken, name === DEFAULT_NETWORK);
  const wanted = parseSubnet(subnet);
  if (wanted.prefix > 30) throw new UserError(`invalid subnet ${subnet}: it has no room for a gateway and a container`);
  if (!taken.some((other) => overlaps(wanted, other))) return wanted;
  throw new UserError("invalid pool request: Pool overlaps with other one on this address space");
}

function chooseSubnet6(
  { ipv6, subnet6 }: NetworkWish,
  gateway: Address,
  others: Network[],
): Pick<Network, "subnet6" | "gateway6"> {
  if (!ipv6 && subnet6 === undefined) return {};
  if (!existsSync("/proc/sys/net/ipv6")) throw new UserError("this machine has no IPv6");
  const chosen = parseNetwork6(subnet6 ?? randomSubnet6());
  const isTaken = others.some(
    (other) => other.subnet6 !== undefined && overlaps6(chosen, parseNetwork6(other.subnet6)),
  );
  if (isTaken) throw new UserError("invalid pool request: Pool overlaps with other one on this address space");
  return { subnet6: formatSubnet6(chosen), gateway6: address6Of(chosen, gateway) };
}

function chooseGateway({ gateway }: NetworkWish, subnet: Subnet): Address {
  if (gateway === undefined) return subnet.base + 1;
  const address = parseAddress(gateway);
  if (address === undefined) throw new UserError(`invalid gateway address ${gateway}`);
  if (isHost(address, subnet)) return address;
  throw new UserError(`no matching subnet for gateway ${gateway}`);
}

/** An address somebody can have: neither the first, which is the network's, nor the last, which is everybody's. */
export function isHost(address: Address, subnet: Subnet): boolean {
  return contains(subnet, address) && address !== subnet.base && address !== lastOf(subnet);
}

function checkRange(ipRange: string, subnet: Subnet): void {
  const range = parseSubnet(ipRange);
  if (range.prefix >= subnet.prefix && firstOf(range.base, subnet.prefix) === subnet.base) return;
  throw new UserError(`no matching subnet for range ${ipRange}`);
}

function checkOptions(options: Record<string, string>): void {
  const stranger = Object.keys(options).find((key) => key !== BRIDGE_NAME && key !== GUARD);
  if (stranger !== undefined) throw new UserError(`unknown option of a bridge network: ${stranger}`);
  const guard = options[GUARD] ?? "true";
  if (!["true", "false"].includes(guard)) throw new UserError(`invalid value of ${GUARD}: ${guard}`);
}

/** Whether nobody on it can pass for another: see guard.ts. */
export function isGuarded({ options }: Pick<Network, "options">): boolean {
  return options[GUARD] !== "false";
}

/** A link's name has at most 15 letters. */
function bridgeName({ name, options = {} }: NetworkWish, id: string, others: Network[]): string {
  const wanted = options[BRIDGE_NAME] ?? (name === DEFAULT_NETWORK ? "mini-docker0" : `md-${id.slice(0, 12)}`);
  if (!/^[a-zA-Z0-9_-]{1,15}$/.test(wanted)) throw new UserError(`invalid name of a bridge: ${wanted}`);
  if (!others.some(({ bridge }) => bridge === wanted)) return wanted;
  throw new UserError(`the bridge ${wanted} belongs to another network`);
}

/** It appears whole: until then it has a name nobody looks at. */
function publish(root: string, network: Network): void {
  const draft = networkFolder(root, `.${network.name}`);
  rmSync(draft, { recursive: true, force: true });
  makeFolder(draft);
  writeFileDurably(`${draft}/network.json`, JSON.stringify(network, null, 2), draft);
  renameSync(draft, networkFolder(root, network.name));
}

/** Throws UserError while somebody is on it. The caller holds the lock, and has matched the host. */
export function removeNetwork(root: string, { name, id }: Network): void {
  if (PREDEFINED.includes(name)) throw new UserError(`${name} is a pre-defined network and cannot be removed`);
  if (isInUse(root, name)) {
    throw new UserError(`error while removing network: network ${name} id ${id} has active endpoints`);
  }
  const going = networkFolder(root, `.${name}`);
  rmSync(going, { recursive: true, force: true });
  renameSync(networkFolder(root, name), going);
  rmSync(going, { recursive: true, force: true });
}

export function isInUse(root: string, name: string): boolean {
  return linksIn(leasesFolder(root, name)).length > 0;
}
