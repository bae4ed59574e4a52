// A container's network begins empty. From outside a cable is laid: one end on a bridge, the other in there. From inside
// that end gets its address, and the way to everybody else.
//
//   host's network                    container's network
//   bridge ──── veth1 ═══════════════ eth0 172.17.0.2
//   172.17.0.1 ◄─────────────────────── default
//
// Outside it is one message of netlink. Inside it is the older way, ioctl(2) on any socket (netdevice(7), rtentry of
// route(8)): each call has its own answer, and the launcher, which reads no messages, can tell when one is refused.

import { AF, type Arg, IOCTL, reg, SOCK, type Step, step, struct } from "../01-syscalls/index.ts";
import { linkUpStep } from "../03-namespaces/index.ts";
import { type Address, formatAddress, netmask } from "./addresses.ts";
import { guardSteps } from "./guard.ts";
import { newPair } from "./links.ts";
import { NETLINK, netlinkStep, requestSteps } from "./netlink.ts";

/** All that is decided of one cable. */
export interface Cable {
  /** The end that stays, and the bridge it is plugged into. */
  link: string;
  bridge: { name: string; index: number };
  /** The end in the container: `eth0`. */
  name: string;
  mac: string;
  address: Address;
  prefix: number;
  /** Where the network has IPv6, too. */
  six?: { address: string; prefix: number; gateway?: string | undefined };
  /** Who is on this network is found by name: see name-sockets.ts. */
  hasNames?: boolean;
  /** Whoever isn't on this network is reached through it. */
  gateway?: Address | undefined;
  /** What comes from it is believed: see guard.ts. */
  isTrusted?: boolean | undefined;
}

/** The parent's part, when the process is there whose network it leads into. */
export function cableSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    netlinkStep(NETLINK.ROUTE, "rtnetlink"),
    ...cables.flatMap(({ link, bridge, name, mac }) => {
      const pair = newPair({ name: link, master: bridge, peer: { name, mac, pid: reg("pid") } });
      return requestSteps("rtnetlink", pair, { why: "a cable: one end on the bridge, one in the container" });
    }),
    step("close", [reg("rtnetlink")], { why: "it is laid" }),
    ...guardSteps(cables.filter(({ isTrusted }) => !isTrusted)),
  ];
}

/** The child's part, in the network that the cable leads into: each end becomes somebody, and learns whom to ask. */
export function addressSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  return [
    socketStep(),
    ...cables.flatMap(({ name, address, prefix, gateway }) => [
      linkUpStep(name, { why: "its end in here is switched on" }),
      addressStep(name, address),
      // A mask is an address's: it needs one. Until then the kernel goes by the first number, as in 1981.
      netmaskStep(name, prefix),
      // A way leads through somebody who is near, and is lost when the link is switched off.
      ...(gateway === undefined ? [] : [routeStep(gateway)]),
    ]),
    closeSocketStep(),
  ];
}

/** Opens the register `socket`, for the steps below. */
export function socketStep(): Step {
  return step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "a way to talk to the network", as: "socket" });
}

export function closeSocketStep(): Step {
  return step("close", [reg("socket")], { why: "the network is there" });
}

/** Who we are, on the link of this name. */
export function addressStep(name: string, address: Address): Step {
  return step("ioctl", [reg("socket"), IOCTL.SIOCSIFADDR, linkAddress(name, address)], { why: "who we are" });
}

/** Whoever has an address that begins with the same `prefix` bits is on this link, too. */
export function netmaskStep(name: string, prefix: number): Step {
  return step("ioctl", [reg("socket"), IOCTL.SIOCSIFNETMASK, linkAddress(name, netmask(prefix))], {
    why: "who is near",
  });
}

/** All others are reached through the gateway. */
export function routeStep(gateway: Address): Step {
  const route = defaultRoute(gateway);
  return step("ioctl", [reg("socket"), IOCTL.SIOCADDRT, route], { why: "the way to everybody else" });
}

export type FieldOf = Parameters<typeof struct>[number];

/** For a network that has its addresses: who is to be asked for all others. One that knows the way already is fine. */
export function wayOutSteps(gateway: Address): Step[] {
  return [socketStep(), { ...routeStep(gateway), allow: ["EEXIST"] }, closeSocketStep()];
}

/** `struct ifreq`: a name of 16 bytes, and here a `struct sockaddr_in`. */
function linkAddress(name: string, address: Address): Arg {
  return struct(...nameFields(name), ...socketAddress("ifr_addr", address, spellWhole), ["", "u64", 0]);
}

/** The name that every `struct ifreq` begins with. */
export function nameFields(name: string): FieldOf[] {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return [
    ["ifr_name", "u64", bytes.readBigUInt64LE(0), () => JSON.stringify(name)],
    ["", "u64", bytes.readBigUInt64LE(8)],
  ];
}

export const RTF = { UP: 1, GATEWAY: 2 } as const;

/** `struct rtentry` of linux/route.h: to 0.0.0.0/0, so to anybody, through the gateway. */
function defaultRoute(gateway: Address): Arg {
  return struct(
    ["", "u64", 0],
    ...socketAddress("rt_dst", 0),
    ...socketAddress("rt_gateway", gateway),
    ...socketAddress("rt_genmask", 0),
    ["rt_flags", "u16", RTF.UP | RTF.GATEWAY, () => "RTF_UP|RTF_GATEWAY"],
    ...Array.from({ length: 7 }, (): FieldOf => ["", "u64", 0]),
  );
}

const spellWhole = (address: Address): string =>
  `{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("${formatAddress(address)}")}`;

/** `struct sockaddr_in`: family, port, the address with its first byte first, and eight bytes of nothing. */
function socketAddress(name: string, address: Address, spell = formatAddress): Parameters<typeof struct> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return [
    ["", "u16", AF.INET],
    ["", "u16", 0],
    [name, "u32", bytes.readUInt32LE(), () => spell(address)],
    ["", "u64", 0],
  ];
}
