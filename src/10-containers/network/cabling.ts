// What is plugged into what, on this host, just now: for `network show`.

import { networkInterfaces } from "node:os";
import {
  isGuarded,
  leasesOn,
  linkNameOf,
  listNetworks,
  type Network,
  type Published,
  parseAddress,
} from "../../08-network/index.ts";
import { readContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { lookIntoOwnHost, needsOwnHost } from "./own-host.ts";
import { seenHere } from "./own-host-inside.ts";

/** How many packets came out of a link, and how many went in. */
export interface Counters {
  received: number;
  sent: number;
}

export interface ShownCable {
  /** The end on the host, and the one inside. */
  link: string;
  name: string;
  /** IPv4's, then IPv6's where the network has it. */
  addresses: string[];
  container: string;
  ports: Published[];
  /** Seen from inside: what arrived there, and what it sent. Undefined where the link is gone. */
  counters?: Counters;
}

export interface ShownNetwork extends Pick<Network, "name" | "bridge" | "internal"> {
  /** Whoever is on it may pass for another, since somebody wants that. */
  isTrusting: boolean;
  /** `172.20.0.0/16`, and IPv6's where it has one. */
  subnets: string[];
  /** The bridge's own: `172.20.0.1/16`. */
  gateways: string[];
  isUp: boolean;
  cables: ShownCable[];
}

export interface Cabling {
  /** Links of the host's own that have an address, without loopback: `eth0 10.0.0.5/24`. Those that no router hands on aren't told. */
  host: { link: string; addresses: string[] }[];
  networks: ShownNetwork[];
  /** Nobody on them can pass for another, but where that is wanted. */
  isGuarded: boolean;
}

export function cabling(roots: Roots): Cabling {
  const { links: found, isGuarded } = needsOwnHost() ? lookIntoOwnHost(roots) : seenHere();
  const counters = linkCounters(found);
  const networks = listNetworks(roots.root).sort((one, other) => (one.name < other.name ? -1 : 1));
  const bridges = new Set(networks.map(({ bridge }) => bridge));
  const links = Object.entries(networkInterfaces()).filter(([link]) => link !== "lo" && !bridges.has(link));
  const host = links.flatMap(([link, all = []]) => {
    const addresses = all.flatMap(({ cidr, address }) => (cidr === null || isLinkLocal(address) ? [] : [cidr]));
    return addresses.length > 0 ? [{ link, addresses }] : [];
  });
  return {
    host,
    networks: networks.map((network) => shownNetwork(roots, network, counters)),
    isGuarded,
  };
}

function shownNetwork(roots: Roots, network: Network, counters: Map<string, Counters>): ShownNetwork {
  const { name, bridge, gateway, gateway6, subnet, subnet6, internal } = network;
  const cables = leasesOn(roots.root, name).flatMap(({ address, holder }) => {
    const container = readContainer(roots, holder);
    const endpoint = container?.state.endpoints?.find((each) => each.address === address);
    if (!container || !endpoint) return [];
    const link = linkNameOf(parseAddress(address)!);
    const found = counters.get(link);
    const own = [address, endpoint.six?.address];
    const ports = (container.state.ports ?? []).filter((port) => own.includes(port.address));
    // What goes into the cable here comes out of it there.
    const inside = found && { received: found.sent, sent: found.received };
    return [
      {
        link,
        name: endpoint.name,
        addresses: [address, ...(endpoint.six ? [endpoint.six.address] : [])],
        container: container.record.name,
        ports,
        ...(inside && { counters: inside }),
      },
    ];
  });
  const gateways = [withPrefix(gateway, subnet), ...(gateway6 && subnet6 ? [withPrefix(gateway6, subnet6)] : [])];
  const subnets = [subnet, ...(subnet6 ? [subnet6] : [])];
  const isTrusting = !isGuarded(network);
  return { name, bridge, subnets, gateways, internal, isTrusting, isUp: counters.has(bridge), cables };
}

function withPrefix(address: string, subnet: string): string {
  return `${address}/${subnet.split("/")[1]}`;
}

/** Every link gives itself one in IPv6, which leads nowhere but to the link: fe80::/10. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** proc_net_dev(5): `eth0: bytes packets …`, eight numbers of what arrived, then those of what was sent. */
export function linkCounters(text: string): Map<string, Counters> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return new Map(
    lines.map((line) => {
      const [link = "", rest = ""] = line.split(":", 2);
      const numbers = rest.trim().split(/\s+/).map(Number);
      return [link.trim(), { received: numbers[1] ?? 0, sent: numbers[9] ?? 0 }];
    }),
  );
}
