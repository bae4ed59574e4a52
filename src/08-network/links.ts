// Links are what a machine sends packets through: cards, cables, switches. The kernel makes some of them up. A bridge is
// a switch; a veth pair is a cable with two ends, and what goes in at one comes out at the other: bridge(8), veth(4).
// Each is made by one message, RTM_NEWLINK, which says also where its ends are to be plugged in.

import { type Field, type Ref, type Step, spellFlags } from "../01-syscalls/index.ts";
import { type Address, macOf, parseMac, type Subnet } from "./addresses.ts";
import { parseAddress6 } from "./addresses6.ts";
import { setLink } from "./forwarding.ts";
import { type Attribute, ask, field, type Message, NETLINK, NLM_F, RTM, request, requestSteps } from "./netlink.ts";
import { takeDownLater } from "./takedown.ts";

const IFF = { UP: 1 } as const;
const IFLA = { ADDRESS: 1, IFNAME: 3, MASTER: 10, LINKINFO: 18, NET_NS_PID: 19 } as const;
const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
const VETH_INFO = { PEER: 1 } as const;
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const AF_INET = 2;
const AF_INET6 = 10;
const IFA_F_NODAD = 2;

/** `struct ifinfomsg`: which link it is about, and which of its flags are to change. */
function linkHead({ index = 0, up = false }: { index?: number; up?: boolean }): Field[] {
  const spell = (value: bigint) => spellFlags(IFF, value, "IFF_");
  return [
    field("", "u8", 0),
    field("", "u8", 0),
    field("", "u16", 0),
    field("", "u32", index),
    field("ifi_flags", "u32", up ? IFF.UP : 0, spell),
    field("", "u32", up ? IFF.UP : 0),
  ];
}

const nameAttribute = (name: string): Attribute => ({ name: "IFLA_IFNAME", type: IFLA.IFNAME, value: name });

function macAttribute(mac: string): Attribute {
  return { name: "IFLA_ADDRESS", type: IFLA.ADDRESS, value: parseMac(mac), spell: () => mac };
}

/** A link is meant by its number; shown is its name. */
function masterAttribute({ name, index }: Pair["master"]): Attribute {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(index);
  return { name: "IFLA_MASTER", type: IFLA.MASTER, value, spell: () => JSON.stringify(name) };
}

function kindAttribute(kind: string, more: Attribute[] = []): Attribute {
  const value = [{ name: "IFLA_INFO_KIND", type: IFLA_INFO.KIND, value: kind }, ...more];
  return { name: "IFLA_LINKINFO", type: IFLA.LINKINFO, value };
}

export interface Pair {
  /** This end's name, and the link it is plugged into. */
  name: string;
  master: { name: string; index: number };
  /** The other end's, and a process in the network it is for. */
  peer: { name: string; mac: string; pid: Ref };
}

/**
 * A cable: both its ends are made, named and plugged in by this one message, and this one is switched on. The other can't
 * be yet: it is made first, and a cable with one end is none (ENOTCONN).
 */
export function newPair({ name, master, peer }: Pair): Message {
  const other: Attribute = {
    name: "VETH_INFO_PEER",
    type: VETH_INFO.PEER,
    head: linkHead({}),
    value: [
      nameAttribute(peer.name),
      macAttribute(peer.mac),
      { name: "IFLA_NET_NS_PID", type: IFLA.NET_NS_PID, value: peer.pid },
    ],
  };
  return {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    head: linkHead({ up: true }),
    attributes: [
      nameAttribute(name),
      masterAttribute(master),
      kindAttribute("veth", [{ name: "IFLA_INFO_DATA", type: IFLA_INFO.DATA, value: [other] }]),
    ],
  };
}

/** The number of the link of this name; undefined if there is none. */
export function linkIndex(name: string): number | undefined {
  const found = ask(NETLINK.ROUTE, { type: RTM.GETLINK, head: linkHead({}), attributes: [nameAttribute(name)] });
  return found?.readInt32LE(20);
}

/** A switch, on which the host itself has an address, or one of each family. Returns its number. */
export function makeBridge(
  name: string,
  address: Address,
  { prefix }: Subnet,
  six?: { address: string; prefix: number },
): number {
  const bridge: Message = {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    head: linkHead({ up: true }),
    // Without one of its own it would take that of whatever is plugged in, and change with it.
    attributes: [nameAttribute(name), macAttribute(macOf(address)), kindAttribute("bridge")],
  };
  request(NETLINK.ROUTE, requestSteps("netlink", bridge, { why: "a switch" }));
  const index = linkIndex(name)!;
  const why = "the host's own address on it";
  request(NETLINK.ROUTE, requestSteps("netlink", newAddress(index, bytesOf(address), prefix), { why }));
  if (six) {
    setLink("ipv6", name, "disable_ipv6", "0");
    request(
      NETLINK.ROUTE,
      requestSteps("netlink", newAddress(index, parseAddress6(six.address)!, six.prefix), { why }),
    );
  }
  return index;
}

function bytesOf(address: Address): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes;
}

/** `struct ifaddrmsg`, and the address twice: whose it is, and who is reached through it. On Ethernet that is the same. */
function newAddress(index: number, value: Buffer, prefix: number): Message {
  return {
    type: RTM.NEWADDR,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    head: [
      field("ifa_family", "u8", value.length === 4 ? AF_INET : AF_INET6),
      field("ifa_prefixlen", "u8", prefix),
      // Else it is asked on the link for a second whether somebody has it already, and can't be used so long.
      field("ifa_flags", "u8", IFA_F_NODAD),
      field("", "u8", 0),
      field("ifa_index", "u32", index),
    ],
    attributes: [
      { name: "IFA_LOCAL", type: IFA.LOCAL, value },
      { name: "IFA_ADDRESS", type: IFA.ADDRESS, value },
    ],
  };
}

/** Ends of cables that hang loose, since somebody took the bridge away that they were plugged into. */
export function plugIntoBridge(names: readonly string[], bridge: Pair["master"]): void {
  const steps = names.flatMap((name) => {
    const attributes = [nameAttribute(name), masterAttribute(bridge)];
    const message: Message = { type: RTM.NEWLINK, head: linkHead({}), attributes };
    return requestSteps("netlink", message, { why: "back into the switch", allow: ["ENODEV"] });
  });
  if (steps.length > 0) request(NETLINK.ROUTE, steps);
}

/** Takes links away, a little later; of a cable both ends go. One that is gone is fine. The caller holds the lock. */
export function removeLinks(names: readonly string[]): void {
  takeDownLater(NETLINK.ROUTE, names.flatMap(removeSteps));
}

function removeSteps(name: string): Step[] {
  const message: Message = { type: RTM.DELLINK, head: linkHead({}), attributes: [nameAttribute(name)] };
  return requestSteps("netlink", message, { why: "it isn't needed any more", allow: ["ENODEV"] });
}
