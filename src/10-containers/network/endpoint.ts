// Where a container is on a network: an address there, and a cable to it. What was wished for stands in container.json,
// what there is in state.json.

import { UserError } from "../../01-syscalls/index.ts";
import {
  type Addresses,
  type Cable,
  DEFAULT_NETWORK,
  defaultNetwork,
  findNetwork,
  isGuarded,
  linkNameOf,
  macOf,
  type Network,
  parseAddress,
  parseNetwork6,
  parseSubnet,
  takeAddress,
} from "../../08-network/index.ts";
import type { Roots } from "../folders.ts";
import type { Owner } from "../spec/namespaces.ts";
import type { EndpointWish, RunOptions } from "../spec/options.ts";
import { checkOwnHost, needsOwnHost } from "./own-host.ts";
import { checkTunnel } from "./tunnel.ts";

export interface Endpoint {
  network: string;
  networkId: string;
  address: string;
  prefix: number;
  /** None where there is no way out. */
  gateway?: string;
  /** Where the network has IPv6, too. */
  six?: { address: string; prefix: number; gateway?: string };
  mac: string;
  /** What comes from it is believed to. */
  isTrusted?: boolean;
  aliases: string[];
  /** The cable's end on the host, the bridge it is plugged into, and the end in the container. */
  link: string;
  bridge: string;
  name: string;
}

/** Throws UserError for networks that can't be: there is none of that name, or the one who asks is an ordinary user. */
export function checkEndpoints({ root }: Roots, { endpoints, network: chosen }: RunOptions, owner: Owner): void {
  checkTunnel(chosen);
  if (endpoints.length === 0) return;
  if (owner.isNested && needsOwnHost()) checkOwnHost();
  if (owner.uid !== 0) {
    throw new UserError(`only the machine's root can plug a container into the network ${endpoints[0]!.network}`, {
      hint: "or a user with ids in /etc/subuid; with one id there are --network pasta, slirp4netns, none and host",
    });
  }
  for (const { network, address, address6 } of endpoints) {
    networkNamed(root, network);
    if (network === DEFAULT_NETWORK && (address ?? address6) !== undefined) {
      throw new UserError(
        "invalid config for network bridge: user specified IP address is supported on user defined networks only",
      );
    }
  }
}

/** On a network of one's own containers have names; on the default one nobody is known by name. */
export function asksForNames({ network }: Pick<Endpoint, "network">): boolean {
  return network !== DEFAULT_NETWORK;
}

/** The default one need not exist yet. Throws UserError. */
export function networkNamed(root: string, name: string): Network {
  return name === DEFAULT_NETWORK ? defaultNetwork(root) : findNetwork(root, name);
}

/** Takes an address for the container `id`; its end will be `name`. The caller holds the lock of the networks. */
export function takeEndpoint(root: string, id: string, wish: EndpointWish, name: string): Endpoint {
  const network = networkNamed(root, wish.network);
  return endpointAt(network, wish, takeAddress(root, network, id, wish), name);
}

export function endpointAt(
  network: Network,
  { aliases, mac }: EndpointWish,
  { address, address6 }: Addresses,
  name: string,
): Endpoint {
  const number = parseAddress(address)!;
  return {
    network: network.name,
    networkId: network.id,
    address,
    prefix: parseSubnet(network.subnet).prefix,
    ...(!network.internal && { gateway: network.gateway }),
    ...(address6 !== undefined && { six: sixOf(network, address6) }),
    mac: mac ?? macOf(number),
    ...(!isGuarded(network) && { isTrusted: true }),
    aliases,
    link: linkNameOf(number),
    bridge: network.bridge,
    name,
  };
}

function sixOf({ subnet6, gateway6, internal }: Network, address: string): NonNullable<Endpoint["six"]> {
  const gateway = internal ? {} : { gateway: gateway6! };
  return { address, prefix: parseNetwork6(subnet6!).prefix, ...gateway };
}

/** The cables of these endpoints: one of them, the first that can, leads to everybody else. */
export function cablesOf(endpoints: readonly Endpoint[], bridges: ReadonlyMap<string, number>): Cable[] {
  const out = endpoints.find(({ gateway }) => gateway !== undefined);
  const out6 = endpoints.find(({ six }) => six?.gateway !== undefined);
  return endpoints.map((endpoint) => ({
    link: endpoint.link,
    bridge: { name: endpoint.bridge, index: bridges.get(endpoint.network) ?? 0 },
    name: endpoint.name,
    mac: endpoint.mac,
    isTrusted: endpoint.isTrusted,
    address: parseAddress(endpoint.address)!,
    prefix: endpoint.prefix,
    hasNames: asksForNames(endpoint),
    ...(endpoint.six && { six: { ...endpoint.six, gateway: endpoint === out6 ? endpoint.six.gateway : undefined } }),
    ...(endpoint === out && { gateway: parseAddress(out.gateway!) }),
  }));
}
