// A container's network begins empty. From outside a cable is laid: one end on a bridge, the other in there. From inside
// that end gets its address, and the way to everybody else.
//
//   host's network                    container's network
//   bridge ──── veth1 ═══════════════ eth0 172.17.0.2
//   172.17.0.1 ◄─────────────────────── default
//
// Outside it is one message of netlink. Inside it is the older way, ioctl(2) on any socket (netdevice(7), rtentry of
// route(8)): each call has its own answer, and the launcher, which reads no messages, can tell when one is refused.

import { AF, type Arg, IOCTL, reg, SOCK, type Step, step, struct, writeFileSteps } from "../01-syscalls/index.ts";
import { linkUpStep } from "../03-namespaces/index.ts";
import { type Address, formatAddress, netmask } from "./addresses.ts";
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
  /** Who is on this network is found by name: see name-sockets.ts. */
  hasNames?: boolean;
  /** Whoever isn't on this network is reached through it. */
  gateway?: Address | undefined;
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
  ];
}

/** The child's part, in the network that the cable leads into. */
export function addressSteps(cables: readonly Cable[]): Step[] {
  if (cables.length === 0) return [];
  const socket = reg("socket");
  return [
    step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "a way to talk to the network", as: "socket" }),
    ...cables.flatMap(({ name, address, prefix }) => [
      // Before anybody sends on it. Where the kernel has no IPv6, there is nothing to be switched off.
      ...writeFileSteps({
        path: `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`,
        data: "1",
        as: "disable_ipv6",
        why: "this network has IPv4 alone",
        allow: ["ENOENT", "EACCES", "EROFS"],
      }),
      linkUpStep(name, { why: "its end in here is switched on" }),
      step("ioctl", [socket, IOCTL.SIOCSIFADDR, linkAddress(name, address)], { why: "who we are" }),
      step("ioctl", [socket, IOCTL.SIOCSIFNETMASK, linkAddress(name, netmask(prefix))], { why: "who is near" }),
    ]),
    ...cables.flatMap(({ gateway }) => (gateway === undefined ? [] : [routeStep(gateway)])),
    step("close", [socket], { why: "the network is there" }),
  ];
}

/** For a network that has its addresses: who is to be asked for all others. One that knows the way already is fine. */
export function wayOutSteps(gateway: Address): Step[] {
  return [
    step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "a way to talk to the network", as: "socket" }),
    { ...routeStep(gateway), allow: ["EEXIST"] },
    step("close", [reg("socket")], { why: "the network is there" }),
  ];
}

function routeStep(gateway: Address): Step {
  const route = defaultRoute(gateway);
  return step("ioctl", [reg("socket"), IOCTL.SIOCADDRT, route], { why: "the way to everybody else" });
}

/** `struct ifreq`: a name of 16 bytes, and here a `struct sockaddr_in`. */
function linkAddress(name: string, address: Address): Arg {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return struct(
    ["ifr_name", "u64", bytes.readBigUInt64LE(0), () => JSON.stringify(name)],
    ["", "u64", bytes.readBigUInt64LE(8)],
    ...socketAddress("ifr_addr", address),
    ["", "u64", 0],
  );
}

const RTF = { UP: 1, GATEWAY: 2 } as const;

/** `struct rtentry` of linux/route.h: to 0.0.0.0/0, so to anybody, through the gateway. */
function defaultRoute(gateway: Address): Arg {
  return struct(
    ["", "u64", 0],
    ...socketAddress("rt_dst", 0),
    ...socketAddress("rt_gateway", gateway),
    ...socketAddress("rt_genmask", 0),
    ["rt_flags", "u16", RTF.UP | RTF.GATEWAY, () => "RTF_UP|RTF_GATEWAY"],
    ...Array.from({ length: 7 }, (): Parameters<typeof struct>[number] => ["", "u64", 0]),
  );
}

/** `struct sockaddr_in`: family, port, the address with its first byte first, and eight bytes of nothing. */
function socketAddress(name: string, address: Address): Parameters<typeof struct> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return [
    ["", "u16", AF.INET],
    ["", "u16", 0],
    [name, "u32", bytes.readUInt32LE(), () => formatAddress(address)],
    ["", "u64", 0],
  ];
}
