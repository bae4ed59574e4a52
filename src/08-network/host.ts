// What is on disk is what is meant to be; here the host is made to match: a bridge for each network that somebody is on,
// and none for the others, the rules for packets, the setting that lets them through. Whatever somebody else took away
// comes back like that, and with the last container everything of ours goes.

import { rmSync } from "node:fs";
import { perform } from "../01-syscalls/index.ts";
import { parseAddress, parseSubnet } from "./addresses.ts";
import { parseNetwork6 } from "./addresses6.ts";
import { FAMILIES, type Family } from "./family.ts";
import { chainsFor, hasFamily, removeTable, replaceTable, tableInPlace, type Walled } from "./firewall.ts";
import { forward, setLink, stopForwarding } from "./forwarding.ts";
import { guardSteps } from "./guard.ts";
import { leasesOn, linkNameOf } from "./leases.ts";
import { linkIndex, makeBridge, plugIntoBridge, removeLinks } from "./links.ts";
import { isGuarded, isInUse, listNetworks, type Network } from "./networks.ts";
import { portsOn } from "./ports.ts";

/** Returns the numbers of the bridges by their network's name. The caller holds the lock. */
export function matchHost(root: string, state: string): Map<string, number> {
  const networks = listNetworks(root);
  const used = networks.filter(({ name }) => isInUse(root, name));
  removeLinks(networks.filter((network) => !used.includes(network)).map(({ bridge }) => bridge));
  const folder = `${state}/networks`;
  if (used.length === 0) {
    for (const family of FAMILIES) {
      removeTable(folder, family);
      stopForwarding(folder, family);
    }
    removeTable(folder, "netdev");
    rmSync(folder, { recursive: true, force: true });
    return new Map();
  }
  const bridges = new Map(used.map((network) => [network.name, bridgeOf(root, network)]));
  const walled = used.map((network) => ({ ...network, ports: portsOn(root, network) }));
  for (const { bridge, ports } of walled) if (ports.length > 0) setLink("ipv4", bridge, "route_localnet", "1");
  for (const family of FAMILIES)
    wall(
      folder,
      family,
      walled.filter((network) => hasFamily(network, family)),
    );
  if (!tableInPlace("netdev")) guardAgain(root, used.filter(isGuarded));
  return bridges;
}

/** Cables that were laid without anybody standing at them, or from whom somebody has taken all of them. */
function guardAgain(root: string, networks: readonly Network[]): void {
  const cables = networks.flatMap(({ name }) =>
    leasesOn(root, name).map(({ address, address6, mac }) => ({
      link: linkNameOf(parseAddress(address)!),
      mac,
      address: parseAddress(address)!,
      six: address6 === undefined ? undefined : { address: address6 },
    })),
  );
  perform(guardSteps(cables.filter(({ link }) => linkIndex(link) !== undefined)));
}

/** What one family of addresses needs: the rules, and that packets are handed on. */
function wall(folder: string, family: Family, networks: Walled[]): void {
  if (networks.length > 0) replaceTable(folder, family, chainsFor(networks, family));
  else removeTable(folder, family);
  if (networks.some(({ internal }) => !internal)) forward(folder, family);
}

function bridgeOf(root: string, { name, bridge, gateway, subnet, gateway6, subnet6 }: Network): number {
  const found = linkIndex(bridge);
  if (found !== undefined) return found;
  const six = gateway6 === undefined ? undefined : { address: gateway6, prefix: parseNetwork6(subnet6!).prefix };
  const index = makeBridge(bridge, parseAddress(gateway)!, parseSubnet(subnet), six);
  if (!six) setLink("ipv6", bridge, "disable_ipv6", "1");
  const ends = leasesOn(root, name).map(({ address }) => linkNameOf(parseAddress(address)!));
  plugIntoBridge(ends, { name: bridge, index });
  return index;
}
