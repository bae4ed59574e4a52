// `network show`: the host, its switches, and who is at the other end of each cable.
//
//   outside ── eth0 10.0.0.5/24
//      │
//   this host
//   ├─ mini-docker0 172.17.0.1/16  bridge, out under the host's address
//   │  └─ vethac110002 ══ eth0 172.17.0.2  web   12 in, 9 out
//   │        0.0.0.0:8080 → 80/tcp
//   …

import type { ChalkInstance } from "chalk";
import { withBrackets } from "../../08-network/index.ts";
import type { Cabling, ShownCable, ShownNetwork } from "../../10-containers/network/cabling.ts";

const UNGUARDED = [
  "Whoever is on a network may pass for another: nobody stands at the cables. The next container mends that, unless",
  "this kernel has no rules for single links (nf_tables, family netdev).",
];

/** A line each. */
export function cablingLines({ host, networks, isGuarded }: Cabling, paint: ChalkInstance): string[] {
  const up = networks.filter(({ isUp }) => isUp);
  const outside = host.map(({ link, addresses }) => `outside ── ${paint.bold(link)} ${addresses.join(" ")}`);
  return [
    ...outside,
    ...(outside.length > 0 ? ["   │"] : []),
    paint.bold("this host"),
    ...(up.length === 0 ? [paint.dim("└─ no bridge: no container is on a network")] : []),
    ...up.flatMap((network, index) => networkLines(network, index === up.length - 1, paint)),
    ...networks
      .filter(({ isUp }) => !isUp)
      .map(({ name, subnets }) => paint.dim(`   ${name} (${subnets.join(", ")}): nobody is on it`)),
    ...(up.some(({ isTrusting }) => !isTrusting) && !isGuarded ? UNGUARDED.map((line) => paint.yellow(line)) : []),
  ];
}

function networkLines(network: ShownNetwork, isLast: boolean, paint: ChalkInstance): string[] {
  const { name, bridge, gateways, internal, isTrusting, cables } = network;
  const way = `${internal ? "no way out" : "out under the host's address"}${isTrusting ? ", everybody is believed" : ""}`;
  const rest = isLast ? "   " : "│  ";
  return [
    `${isLast ? "└─" : "├─"} ${paint.cyan(bridge)} ${gateways.join(" ")}  ${paint.bold(name)}, ${way}`,
    ...cables.flatMap((cable, index) => {
      return cableLines(cable, index === cables.length - 1, paint).map((line) => rest + line);
    }),
  ];
}

function cableLines(cable: ShownCable, isLast: boolean, paint: ChalkInstance): string[] {
  const { link, name, addresses, container, ports, counters } = cable;
  const moved = counters ? `${counters.received} in, ${counters.sent} out` : "its cable is gone";
  return [
    `${isLast ? "└─" : "├─"} ${link} ══ ${name} ${addresses.join(" ")}  ${paint.green(container)}  ${paint.dim(moved)}`,
    ...ports.map(({ hostAddress, hostPort, port, protocol }) => {
      const from = `${withBrackets(hostAddress)}:${hostPort}`;
      return `${isLast ? "  " : "│ "}    ${paint.yellow(from)} → ${port}/${protocol}`;
    }),
  ];
}
