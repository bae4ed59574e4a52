// Mei's gateway, as lesson 08 needs it: the machine that a container's cable leads to. It has a switch for the container, and
// another network behind it, to which only the gateway knows the way.
//
//   container ══ edge0 10.8.0.1/24   gateway   10.9.0.1/24 edge1

import { existsSync, readdirSync } from "node:fs";
import {
  type Address,
  type Cable,
  dropChain,
  linkIndex,
  macOf,
  makeBridge,
  parseAddress,
  removeLinks,
  removeTable,
  setLink,
  tableInPlace,
  takeDownNow,
} from "../../08-network/index.ts";

export interface EdgeGateway {
  /** The switch, and the gateway's own address on it. */
  bridge: { name: string; index: number };
  address: Address;
}

const SWITCHES = { edge0: "10.8.0.1", edge1: "10.9.0.1" } as const;

/**
 * Makes the switches in the network of this process, where they aren't there yet. When the process ends, so does the cable
 * `link` that it plugs in, and with the last cable go the switches: whatever came of the plan, and of the student's part.
 */
export function edgeGateway(link: string): EdgeGateway {
  process.once("exit", () => unplug(link));
  const [index] = Object.entries(SWITCHES).map(([name, address]) => linkIndex(name) ?? makeSwitch(name, address));
  return { bridge: { name: "edge0", index: index! }, address: parseAddress(SWITCHES.edge0)! };
}

/** A cable from that switch to a container, who is `text` there. */
export function edgeCable(text: string): Cable {
  const link = `cable${process.pid}`;
  const { bridge, address: gateway } = edgeGateway(link);
  const address = parseAddress(text)!;
  return { link, bridge, name: "eth0", mac: macOf(address), address, prefix: 24, gateway };
}

function makeSwitch(name: string, address: string): number {
  const index = makeBridge(name, parseAddress(address)!, { base: 0, prefix: 24 });
  // Linux answers for all its addresses on every link. A gateway is to answer for the one that it has there.
  setLink("ipv4", name, "arp_ignore", "1");
  return index;
}

function unplug(link: string): void {
  removeLinks([link]);
  if (tableInPlace("netdev")) dropChain("netdev", link);
  takeDownNow();
  const plugged = "/sys/class/net/edge0/brif";
  if (!existsSync(plugged) || readdirSync(plugged).length > 0) return;
  removeLinks(Object.keys(SWITCHES));
  // Where containers of the engine's are on a network, the table of guards is theirs, too.
  if (!readdirSync("/sys/class/net").some((name) => ENGINES.test(name))) removeTable("", "netdev");
  takeDownNow();
}

/** The host's end of a cable of the engine's. */
const ENGINES = /^veth[0-9a-f]{8}$/;
