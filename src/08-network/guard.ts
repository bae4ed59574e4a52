// What a container may send by its cable: nothing but what comes from itself. It may have raw sockets, which ping needs,
// and with them it writes any sender into a packet. With another's hardware address it gets what the bridge has for that
// one; with another's address in an answer of ARP (RFC 826) or neighbour discovery (RFC 4861), what everybody has for him.
// So at the host's end of the cable, before the bridge sees any of it, stands a chain that knows who is at the other end:
//
//   container ── eth0 ═══════ vethac110002 ──► chain vethac110002 ──► bridge
//
// A chain of the family netdev belongs to one link, so nobody else's packets come by. Docker has nothing like it.

import { reg, type Step, step } from "../01-syscalls/index.ts";
import { type Address, formatAddress, parseMac } from "./addresses.ts";
import { formatAddress6 } from "./addresses6.ts";
import { type Chain, chainSteps } from "./chains.ts";
import {
  accept,
  address,
  arpSender,
  drop,
  isProtocol,
  neighbourKind,
  neighbourTargetNot,
  notFromMac,
  type Part,
} from "./expressions.ts";
import { NETLINK, netlinkStep } from "./netlink.ts";

/** Who is at the other end of a cable. */
export interface Guarded {
  link: string;
  mac: string;
  address: Address;
  six?: { address: string } | undefined;
}

/** The chain of one link. */
export function guardChain({ link, mac, address: own, six }: Guarded): Chain {
  const text = formatAddress(own);
  return {
    name: link,
    hook: { type: "filter", at: "ingress", priority: "filter", link },
    rules: [
      [notFromMac(mac), drop],
      [isProtocol("ip"), address("saddr", text), accept],
      [isProtocol("arp"), arpSender(mac, text), accept],
      ...(six ? guardRules6([six.address, linkLocalOf(mac)]) : []),
      [drop],
    ],
  };
}

const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOUR_ADVERTISEMENT = 136;
const REDIRECT = 137;
/** Who has no address yet asks whether anybody has the one that he would like, and which groups to join. */
const NOBODY = "::";

function guardRules6(own: string[]): Part[][] {
  return [
    ...[ROUTER_ADVERTISEMENT, REDIRECT].map((kind) => [isProtocol("ip6"), neighbourKind(kind), drop]),
    [isProtocol("ip6"), neighbourKind(NEIGHBOUR_ADVERTISEMENT), ...own.map(neighbourTargetNot), drop],
    ...[...own, NOBODY].map((sender) => [isProtocol("ip6"), address("saddr", sender), accept]),
  ];
}

/** The address that a link gives itself, made of its hardware address: RFC 4291, appendix A. */
export function linkLocalOf(mac: string): string {
  const bytes = parseMac(mac);
  const head = Buffer.from("fe80000000000000", "hex");
  const first = Buffer.of(bytes[0]! ^ 2);
  return formatAddress6(Buffer.concat([head, first, bytes.subarray(1, 3), Buffer.of(0xff, 0xfe), bytes.subarray(3)]));
}

/** What a kernel says that has no chains of links. */
const UNABLE: Step["allow"] = ["EAFNOSUPPORT", "EOPNOTSUPP", "ENOENT"];

/** For cables that are laid. A kernel that can't do it does without, which `network show` tells. */
export function guardSteps(cables: readonly Guarded[]): Step[] {
  if (cables.length === 0) return [];
  return [
    netlinkStep(NETLINK.NETFILTER, "nfnetlink"),
    ...cables.flatMap((cable) =>
      chainSteps("nfnetlink", { family: "netdev", chain: guardChain(cable), allow: UNABLE }),
    ),
    step("close", [reg("nfnetlink")], { why: "nobody passes for somebody else" }),
  ];
}
