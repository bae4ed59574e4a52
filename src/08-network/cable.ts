// A container's network begins empty. From outside a cable is laid: one end on a bridge, the other in there. From inside
// that end gets its address, and the way to everybody else.
//
//   host's network                    container's network
//   bridge ──── veth1 ═══════════════ eth0 172.17.0.2
//   172.17.0.1 ◄─────────────────────── default
//
// Outside it is one message of netlink. Inside it is the older way, ioctl(2) on any socket (netdevice(7), rtentry of
// route(8)): each call has its own answer, and the launcher, which reads no messages, can tell when one is refused.

import {
  AF,
  type Arg,
  IOCTL,
  type Ref,
  reg,
  SOCK,
  type Step,
  step,
  struct,
  writeFileSteps,
} from "../01-syscalls/index.ts";
import { linkUpStep } from "../03-namespaces/index.ts";
import { type Address, formatAddress, netmask } from "./addresses.ts";
import { parseAddress6 } from "./addresses6.ts";
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
  return [...addressSteps4(cables), ...addressSteps6(cables)];
}

function addressSteps4(cables: readonly Cable[]): Step[] {
  const socket = reg("socket");
  return [
    step("socket", [AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "a way to talk to the network", as: "socket" }),
    ...cables.flatMap(({ name, address, prefix, six }) => [
      // Before anybody sends on it.
      ...(six ? settingSteps(name, "accept_dad", "0", "nobody else has our address") : []),
      ...settingSteps(name, "disable_ipv6", six ? "0" : "1", six ? "it has IPv6, too" : "this network has IPv4 alone"),
      linkUpStep(name, { why: "its end in here is switched on" }),
      step("ioctl", [socket, IOCTL.SIOCSIFADDR, linkAddress(name, address)], { why: "who we are" }),
      step("ioctl", [socket, IOCTL.SIOCSIFNETMASK, linkAddress(name, netmask(prefix))], { why: "who is near" }),
    ]),
    ...cables.flatMap(({ gateway }) => (gateway === undefined ? [] : [routeStep(gateway)])),
    step("close", [socket], { why: "the network is there" }),
  ];
}

/** Where the kernel has no IPv6, there is nothing to be set. */
function settingSteps(link: string, setting: string, data: string, why: string): Step[] {
  const path = `/proc/sys/net/ipv6/conf/${link}/${setting}`;
  return writeFileSteps({ path, data, as: setting, why, allow: ["ENOENT", "EACCES", "EROFS"] });
}

/** The same in IPv6, where a link is meant by its number: `struct in6_ifreq` and `struct in6_rtmsg`, ipv6(7). */
function addressSteps6(cables: readonly Cable[]): Step[] {
  const own = cables.filter(({ six }) => six !== undefined);
  if (own.length === 0) return [];
  const socket = reg("socket6");
  return [
    step("socket", [AF.INET6, SOCK.DGRAM | SOCK.CLOEXEC, 0], { why: "the same for IPv6", as: "socket6" }),
    ...own.flatMap(({ name, six }) => {
      const { address, prefix, gateway } = six!;
      const link = `${name}-number`;
      const index = struct(
        ...nameFields(name),
        ["ifr_ifindex", "u32", { out: [link] }],
        ["", "u32", 0],
        ["", "u64", 0],
      );
      const own = struct(...fields6("ifr6_addr", address), ["prefixlen", "u32", prefix], ["", "u32", reg(link)]);
      return [
        step("ioctl", [socket, IOCTL.SIOCGIFINDEX, index], { why: "the link's number" }),
        step("ioctl", [socket, IOCTL.SIOCSIFADDR, own], { why: "who we are" }),
        ...(gateway === undefined ? [] : [routeStep6(gateway, reg(link))]),
      ];
    }),
    step("close", [socket], { why: "the network is there" }),
  ];
}

/** To ::/0 through the gateway. */
function routeStep6(gateway: string, link: Ref): Step {
  const nothing: FieldOf[] = [
    ["", "u64", 0],
    ["", "u64", 0],
  ];
  const route = struct(
    ...nothing,
    ...nothing,
    ...fields6("rtmsg_gateway", gateway),
    ["", "u32", 0],
    ["rtmsg_dst_len", "u16", 0],
    ["", "u16", 0],
    ["rtmsg_metric", "u32", 1],
    ["", "u64", 0],
    ["rtmsg_flags", "u32", RTF.UP | RTF.GATEWAY, () => "RTF_UP|RTF_GATEWAY"],
    ["", "u32", link],
  );
  return step("ioctl", [reg("socket6"), IOCTL.SIOCADDRT, route], { why: "the way to everybody else" });
}

type FieldOf = Parameters<typeof struct>[number];

/** Sixteen bytes, the first first. */
function fields6(name: string, address: string): FieldOf[] {
  const bytes = parseAddress6(address)!;
  return [
    [name, "u64", bytes.readBigUInt64LE(0), () => address],
    ["", "u64", bytes.readBigUInt64LE(8)],
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
  return struct(...nameFields(name), ...socketAddress("ifr_addr", address), ["", "u64", 0]);
}

function nameFields(name: string): FieldOf[] {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return [
    ["ifr_name", "u64", bytes.readBigUInt64LE(0), () => JSON.stringify(name)],
    ["", "u64", bytes.readBigUInt64LE(8)],
  ];
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
    ...Array.from({ length: 7 }, (): FieldOf => ["", "u64", 0]),
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
