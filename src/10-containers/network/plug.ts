// Before a container starts, the host is made ready for it: addresses are taken, bridges and rules are put in place, ports
// are claimed. All that is taken carries the container's id, so that it is given back also when nobody is left who knew
// of it. The cable itself is a step of the plan.

import { closeSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import {
  addressesAt,
  type Cable,
  DEFAULT_NETWORK,
  droppingChains,
  EVERY,
  ensureDefaultNetwork,
  familyOf,
  type HeldPort,
  holdPorts,
  letGo,
  listNetworks,
  matchHost,
  notePort,
  type PortWish,
  type Published,
  parseTunnel,
  release,
  TUNNEL_NETWORK,
  type TunnelWish,
  whileChanging,
  withBrackets,
} from "../../08-network/index.ts";
import type { Container, ContainerRecord } from "../container.ts";
import { containerFolder, type Roots } from "../folders.ts";
import type { EndpointWish, RunOptions } from "../spec/options.ts";
import { bridgesFor, canDoWithout, Impossible, warnOnce } from "./do-without.ts";
import { cablesOf, type Endpoint, endpointAt, networkNamed, takeEndpoint } from "./endpoint.ts";
import { writeNetworkFiles } from "./hosts.ts";
import { isOver, needsOwnHost, OWN_HOST, openOwnHost, releaseOwn } from "./own-host.ts";
import { tellNames } from "./resolver.ts";
import { closeTunnel } from "./tunnel.ts";

export interface Plugged {
  cables: Cable[];
  endpoints: Endpoint[];
  ports: Published[];
  warnings: string[];
  /** The claims on those ports, by register. */
  fds: Record<string, number>;
  /** A program that is to stand in for a cable. */
  tunnel?: TunnelWish;
  /** The network from which its cables are laid, where that isn't ours. */
  ownHost?: number;
  close(): void;
}

const ALONE: Plugged = { cables: [], endpoints: [], ports: [], warnings: [], fds: {}, close: () => {} };

/** Throws UserError for an address or a port that is somebody else's, or Impossible; nothing is taken then. */
export function plugIn({ roots, record }: Container): Plugged {
  const { id, name, options } = record;
  const tunnel = parseTunnel(options.network);
  if (tunnel?.name === "slirp4netns" || (options.endpoints.length > 0 && needsOwnHost())) refuseIpv6(options.ports);
  if (tunnel) return { ...ALONE, tunnel, ports: portsOfTunnel(record) };
  if (options.endpoints.length === 0) return ALONE;
  const isSix = hasIpv6(roots, options);
  if (!isSix && options.ports.some(({ hostAddress }) => familyOf(hostAddress) === "ip6")) {
    throw new UserError(
      "a port is published on an IPv6 address only where the network has IPv6 (network create --ipv6)",
    );
  }
  const held = holdFor(`${name} (${id})`, portWishes(options));
  if (needsOwnHost()) return plugIntoOwnHost(roots, id, options, held);
  try {
    if (isSix) held.push(...holdFor(`${name} (${id})`, held.filter(isEverybody).map(inIpv6)));
    return whileChanging(roots.root, () => {
      try {
        return { ...take(roots, id, options, held), fds: registersOf(held), close: () => letGo(held) };
      } catch (error) {
        giveBack(roots, id);
        throw error;
      }
    });
  } catch (error) {
    letGo(held);
    if (!(error instanceof Impossible && canDoWithout(options))) throw error;
    return { ...ALONE, warnings: warnOnce(roots, error) };
  }
}

/** The same where an ordinary user's bridges are; the cable is laid from there, when there is somebody to lay it to. */
function plugIntoOwnHost(roots: Roots, id: string, options: RunOptions, held: HeldPort[]): Plugged {
  // The program that leads there takes them itself.
  letGo(held);
  return whileChanging(roots.root, () => {
    try {
      const { endpoints, ports } = takeOnDisk(roots, options, id, held);
      const fd = openOwnHost(roots);
      const cables = cablesOf(endpoints, new Map());
      return { ...ALONE, cables, endpoints, ports, fds: { [OWN_HOST]: fd }, ownHost: fd, close: () => closeSync(fd) };
    } catch (error) {
      giveBack(roots, id);
      throw error;
    }
  });
}

/** slirp4netns, through which all of an ordinary user's ports lead to his networks, listens on addresses of IPv4 alone. */
function refuseIpv6(ports: readonly PortWish[]): void {
  const six = ports.find(({ hostAddress }) => familyOf(hostAddress) === "ip6");
  if (six === undefined) return;
  const place = `${withBrackets(six.hostAddress)}:${six.hostPort}`;
  throw new UserError(`the port ${place} can't be published: slirp4netns has ports on IPv4 addresses only`);
}

/** Nobody has them at this moment; the program takes them itself. */
function portsOfTunnel({ id, name, options }: ContainerRecord): Published[] {
  const held = holdFor(`${name} (${id})`, portWishes(options));
  letGo(held);
  return held.map(({ fd: _, ...port }) => ({ ...port, address: TUNNEL_NETWORK.address }));
}

function take(roots: Roots, id: string, options: RunOptions, held: HeldPort[]) {
  const { endpoints, ports, isReached } = takeOnDisk(roots, options, id, held);
  const cables = cablesOf(endpoints, bridgesFor(roots, options));
  return { endpoints, ports, cables, warnings: isReached ? droppingChains().map(dropWarning) : [] };
}

function takeOnDisk({ root, state }: Roots, options: RunOptions, id: string, held: HeldPort[]) {
  makeReady({ root, state }, options.endpoints);
  const endpoints = options.endpoints.map((wish, index) => takeEndpoint(root, id, wish, `eth${index}`));
  const reached = reachedFrom(endpoints);
  for (const port of reached ? held : []) notePort(root, reached!.network, reached!.address, port);
  const { address = "", six } = reached ?? {};
  const ports = held.map(({ fd: _, ...port }) => {
    return { ...port, address: (familyOf(port.hostAddress) === "ip6" && six?.address) || address };
  });
  return { endpoints, ports, isReached: reached !== undefined };
}

function dropWarning(chain: string): string {
  return `a firewall of this host drops what crosses it (chain ${chain}), so the container may reach nobody outside`;
}

/** The default network is made when it is needed first. */
export function makeReady({ root }: Roots, endpoints: readonly EndpointWish[]): void {
  if (endpoints.some(({ network }) => network === DEFAULT_NETWORK)) ensureDefaultNetwork(root);
}

function holdFor(endpoint: string, wishes: PortWish[]): HeldPort[] {
  try {
    return holdPorts(wishes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`driver failed programming external connectivity on endpoint ${endpoint}: ${error.message}`);
  }
}

/** Through which of them the host's ports lead to it. */
function reachedFrom(endpoints: Endpoint[]): Endpoint | undefined {
  return endpoints.find(({ gateway }) => gateway !== undefined);
}

/** The network through which the host's ports lead has IPv6: who asks the host by that is let in, too. */
function hasIpv6({ root }: Roots, { endpoints }: RunOptions): boolean {
  const networks = endpoints.map(({ network }) => networkNamed(root, network));
  return networks.find(({ internal }) => !internal)?.subnet6 !== undefined;
}

const isEverybody = ({ hostAddress }: PortWish): boolean => hostAddress === EVERY.ip;

function inIpv6({ protocol, hostPort, port }: HeldPort): PortWish {
  return { protocol, hostAddress: EVERY.ip6, hostPort, port };
}

/** What is asked for by number, and what the image or `--expose` names, on whichever port is free. */
function portWishes({ ports, publishAll, expose }: RunOptions): PortWish[] {
  const isAsked = (one: PortWish) => ports.some((two) => two.port === one.port && two.protocol === one.protocol);
  const exposed = publishAll ? expose.map(exposedPort).filter((wish) => !isAsked(wish)) : [];
  return [...ports, ...exposed];
}

function exposedPort(text: string): PortWish {
  const [port = "", protocol = "tcp"] = text.split("/");
  return { protocol: protocol as PortWish["protocol"], hostAddress: "0.0.0.0", hostPort: 0, port: Number(port) };
}

function registersOf(held: HeldPort[]): Record<string, number> {
  return Object.fromEntries(held.map(({ fd }, index) => [`port${index}`, fd]));
}

/** What `plugIn` would decide, on paper. */
export function sketchCables({ roots, record }: Container): Cable[] {
  const endpoints = record.options.endpoints.map((wish, index) => {
    const network = networkNamed(roots.root, wish.network);
    const address = wish.address ?? network.gateway.replace(/\d+$/, "2");
    return endpointAt(network, wish, addressesAt(network, address, wish.address6), `eth${index}`);
  });
  return cablesOf(endpoints, new Map());
}

/** The container has ended, or never began: nothing of it stays on the host. */
export function unplug(container: Container): void {
  const { roots, record, folder } = container;
  closeTunnel(folder.runtime);
  const hadAny = record.options.endpoints.length > 0 || container.state.endpoints !== undefined;
  if (!hadAny) return;
  whileChanging(roots.root, () => giveBack(roots, record.id));
  container.state = { ...container.state, endpoints: [] };
  writeNetworkFiles(container);
}

/** The same where only its id is known. */
export function giveBackAll(roots: Roots, id: string): void {
  closeTunnel(containerFolder(roots, id).runtime);
  if (listNetworks(roots.root).length > 0) whileChanging(roots.root, () => giveBack(roots, id));
}

/** Its own, and what is left of containers that are no more. */
function giveBack(roots: Roots, id: string): void {
  if (needsOwnHost()) {
    releaseOwn(roots, id);
  } else {
    release(roots.root, isOver(roots, id));
    matchHost(roots.root, roots.state);
  }
  tellNames(roots);
}
