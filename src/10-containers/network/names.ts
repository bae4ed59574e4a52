// Names. On a network of one's own containers find each other by name: `web`, its aliases, and each of these with the
// network's name behind a dot. Who is called what, and whose questions are to be answered, stands in one file, which is
// replaced whole whenever somebody comes, goes or changes his name. The name server (serve-names.ts) reads it and nothing else.

import { join } from "node:path";
import {
  DEFAULT_NETWORK,
  familyOf,
  formatAddress6,
  type Knowledge,
  leasesOn,
  listNetworks,
  nameData,
  parseAddress,
  parseAddress6,
  TYPE,
} from "../../08-network/index.ts";
import { type Container, readContainer } from "../container.ts";
import { readText, removeFile, writeFileAtomic } from "../files.ts";
import type { Roots } from "../folders.ts";
import type { ProcessId } from "../identity.ts";
import { shortId } from "../names.ts";
import { hostServers } from "../spec/etc-files.ts";

export interface NameTable {
  /** By network: addresses by name. */
  networks: Record<string, Record<string, string[]>>;
  /** Who asks, by id. */
  containers: Record<string, Asking>;
}

export interface Asking {
  /** Who keeps the sockets on which it asks, and the first's number there. */
  monitor: ProcessId;
  sockets: number;
  networks: string[];
  /** Whom it wants to be asked what isn't known here; unless said, whom the host asks. */
  servers: string[];
  /** A way leads out of its networks: others may be asked. */
  hasWayOut: boolean;
}

/** Beside the note of the rules, which goes with the last network that somebody is on. */
export const namesFile = ({ state }: Roots): string => join(state, "networks", "names.json");

/** Writes down what is so now. The caller holds the lock of the networks. Returns whether anybody asks. */
export function noteNames(roots: Roots): boolean {
  const table = nameTable(roots);
  const isAsked = Object.keys(table.containers).length > 0;
  if (isAsked) writeFileAtomic(namesFile(roots), JSON.stringify(table), { skipSync: true });
  else removeFile(namesFile(roots));
  return isAsked;
}

function nameTable(roots: Roots): NameTable {
  const networks = listNetworks(roots.root).filter(({ name }) => name !== DEFAULT_NETWORK);
  const found = new Map<string, Container>();
  const table: NameTable = { networks: {}, containers: {} };
  for (const { name: network } of networks) {
    const names: Record<string, string[]> = {};
    for (const { holder, address } of leasesOn(roots.root, network)) {
      const container = found.get(holder) ?? readContainer(roots, holder);
      if (!container) continue;
      found.set(holder, container);
      const six = container.state.endpoints?.find((each) => each.network === network)?.six;
      const addresses = [address, ...(six ? [six.address] : [])];
      for (const name of namesOn(network, container)) names[name] = [...(names[name] ?? []), ...addresses];
    }
    table.networks[network] = names;
  }
  for (const [id, container] of found) {
    const asking = askingOf(container);
    if (asking) table.containers[id] = asking;
  }
  return table;
}

/** What somebody is called there, in small letters. */
function namesOn(network: string, { record, state }: Container): string[] {
  const endpoint = (state.endpoints ?? []).find((each) => each.network === network);
  if (!endpoint) return [];
  const names = [record.name, ...endpoint.aliases, shortId(record.id)].map((name) => name.toLowerCase());
  return [...new Set(names)];
}

function askingOf({ record, state }: Container): Asking | undefined {
  const { monitor, nameSockets: sockets, endpoints = [] } = state;
  if (!monitor || sockets === undefined) return undefined;
  const own = endpoints.filter(({ network }) => network !== DEFAULT_NETWORK);
  if (own.length === 0) return undefined;
  return {
    monitor,
    sockets,
    networks: own.map(({ network }) => network),
    servers: record.options.dns,
    hasWayOut: endpoints.some(({ gateway }) => gateway !== undefined),
  };
}

export function readNames(roots: Roots): NameTable {
  return JSON.parse(readText(namesFile(roots)) ?? '{"networks":{},"containers":{}}') as NameTable;
}

/** What is answered to this container. */
export function knowledgeOf({ networks }: NameTable, { networks: on, servers, hasWayOut }: Asking): Knowledge {
  const lookUp = (name: string, type: number) => {
    if (type === TYPE.PTR) return namesBehind(networks, on, name);
    const addresses = on.flatMap((network) => addressesOf(networks, network, name) ?? []);
    const isKnown = on.some((network) => addressesOf(networks, network, name) !== undefined);
    return isKnown
      ? addresses.map((address) => addressData(address, type)).filter((data) => data !== undefined)
      : undefined;
  };
  return {
    lookUp,
    servers: hasWayOut ? (servers.length > 0 ? servers : hostServers(readText("/etc/resolv.conf") ?? "")) : [],
  };
}

function addressesOf(networks: NameTable["networks"], network: string, name: string): string[] | undefined {
  const names = networks[network] ?? {};
  const end = `.${network.toLowerCase()}`;
  const bare = name.endsWith(end) ? name.slice(0, -end.length) : name;
  return [name, bare].filter((each) => Object.hasOwn(names, each)).map((each) => names[each]!)[0];
}

function addressData(address: string, type: number): Buffer | undefined {
  const isSix = familyOf(address) === "ip6";
  if (type !== (isSix ? TYPE.AAAA : TYPE.A)) return undefined;
  if (isSix) return parseAddress6(address);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(parseAddress(address)!);
  return bytes;
}

/** `2.0.17.172.in-addr.arpa`: who has 172.17.0.2? */
function namesBehind(networks: NameTable["networks"], on: string[], question: string): Buffer[] | undefined {
  const address = addressIn(question);
  for (const network of on) {
    const found = Object.entries(networks[network] ?? {}).find(([, addresses]) => addresses.includes(address));
    if (found) return [nameData(`${found[0]}.${network}`)];
  }
  return undefined;
}

/** The last part stands first: of IPv4 each number, of IPv6 (`.ip6.arpa`) each hexadecimal digit. */
function addressIn(question: string): string {
  const parts = question
    .replace(/\.(in-addr|ip6)\.arpa$/, "")
    .split(".")
    .reverse();
  const digits = parts.join("");
  return /^[0-9a-f]{32}$/.test(digits) ? formatAddress6(Buffer.from(digits, "hex")) : parts.join(".");
}
