// The end of a cable in IPv6. A link asks for an address of its own there as soon as it is switched on; so whether it has
// that family at all is settled before. A link is meant by its number here: ipv6(7).

import { AF, IOCTL, type Ref, reg, SOCK, type Step, step, struct, writeFileSteps } from "../01-syscalls/index.ts";
import { parseAddress6 } from "./addresses6.ts";
import { type Cable, type FieldOf, nameFields, RTF } from "./cable.ts";

/** Before anybody sends on it: with IPv6 or without. Where the kernel has none, there is nothing to be set. */
export function familySteps(cables: readonly Cable[]): Step[] {
  return cables.flatMap(({ name, six }) => [
    ...(six ? settingSteps(name, "accept_dad", "0", "nobody else has our address") : []),
    ...settingSteps(name, "disable_ipv6", six ? "0" : "1", six ? "it has IPv6, too" : "this network has IPv4 alone"),
  ]);
}

function settingSteps(link: string, setting: string, data: string, why: string): Step[] {
  const path = `/proc/sys/net/ipv6/conf/${link}/${setting}`;
  return writeFileSteps({ path, data, as: setting, why, allow: ["ENOENT", "EACCES", "EROFS"] });
}

/** What addressSteps does, in IPv6: `struct in6_ifreq` and `struct in6_rtmsg`. The link is on by then. */
export function address6Steps(cables: readonly Cable[]): Step[] {
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

/** Sixteen bytes, the first first. */
function fields6(name: string, address: string): FieldOf[] {
  const bytes = parseAddress6(address)!;
  return [
    [name, "u64", bytes.readBigUInt64LE(0), () => address],
    ["", "u64", bytes.readBigUInt64LE(8)],
  ];
}
