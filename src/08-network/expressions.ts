// A rule of nf_tables is a program for a small machine in the kernel, which runs it for every packet that comes by. An
// instruction (an expression, as the kernel says) loads something of the packet into a register, the next compares it.
// What isn't equal ends the rule; whoever gets to the last instruction does what that says. nft(8) is a compiler for it:
//
//   iifname "eth0" tcp dport 80 drop      meta       register 1 ← the name of the link it came by
//                                         cmp        is it "eth0"?
//                                         meta       register 1 ← the protocol
//                                         cmp        is it 6?
//                                         payload    register 1 ← two bytes, the third and fourth of TCP's header
//                                         cmp        are they 80?
//                                         immediate  verdict ← drop
//
// Here each part of a rule has both: the words that nft shows for it, and the instructions. The attributes of an
// instruction are numbered from 1 in the order of linux/netfilter/nf_tables.h.

import { netmask, parseAddress, parseMac, parseSubnet } from "./addresses.ts";
import { netmask6, parseAddress6, parseSubnet6 } from "./addresses6.ts";
import { familyOf } from "./family.ts";
import type { Attribute } from "./netlink.ts";

/** A part of a rule. */
export interface Part {
  text: string;
  code: Attribute[];
}

/** The parts of a rule, in words. */
export function ruleText(rule: readonly Part[]): string {
  return rule.map(({ text }) => text).join(" ");
}

const REGISTER = 1;
const SECOND = 2;
const CMP = { EQ: 0, NEQ: 1 } as const;

/** What an instruction is given: a number, which stands first byte first, a name, or bytes to compare with. */
type Operand = number | string | Uint8Array | Attribute[] | undefined;

const NFTA_EXPR = { NAME: 1, DATA: 2 } as const;
const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const;
const NFTA_LIST_ELEM = 1;

export function attribute(type: number, value: Attribute["value"]): Attribute {
  return { name: "", type, value };
}

export function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** What the kernel compares with its own numbers is in its own order. */
function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function instruction(name: string, ...operands: Operand[]): Attribute {
  const attributes = operands.flatMap((operand, index) => {
    return operand === undefined ? [] : [attribute(index + 1, operandValue(operand))];
  });
  return attribute(NFTA_LIST_ELEM, [attribute(NFTA_EXPR.NAME, name), attribute(NFTA_EXPR.DATA, attributes)]);
}

function operandValue(operand: Exclude<Operand, undefined>): Attribute["value"] {
  if (typeof operand === "number") return bigEndian(operand);
  return operand instanceof Uint8Array ? [attribute(NFTA_DATA.VALUE, operand)] : operand;
}

const equals = (value: Uint8Array): Attribute => instruction("cmp", REGISTER, CMP.EQ, value);
const differs = (value: Uint8Array): Attribute => instruction("cmp", REGISTER, CMP.NEQ, value);

/** Keeps the bits of the mask. */
function keep(mask: Uint8Array): Attribute {
  return instruction("bitwise", REGISTER, REGISTER, mask.length, mask, Buffer.alloc(mask.length));
}

// ---- what a packet is like

const META = { PROTOCOL: 1, IIFNAME: 6, OIFNAME: 7, L4PROTO: 16 } as const;

/** A name is sixteen bytes long in there, whatever its length. */
function linkName(name: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return bytes;
}

const link = (word: "iifname" | "oifname", compare: "" | "!= ", name: string): Part => ({
  text: `${word} ${compare}"${name}"`,
  code: [
    instruction("meta", REGISTER, word === "iifname" ? META.IIFNAME : META.OIFNAME),
    compare === "" ? equals(linkName(name)) : differs(linkName(name)),
  ],
});

/** By which link it came, or leaves. */
export const from = (name: string): Part => link("iifname", "", name);
export const notFrom = (name: string): Part => link("iifname", "!= ", name);
export const into = (name: string): Part => link("oifname", "", name);
export const notInto = (name: string): Part => link("oifname", "!= ", name);

const BASE = { LINK: 0, NETWORK: 1, TRANSPORT: 2 } as const;

/** Of Ethernet: linux/if_ether.h. */
const ETHERTYPE = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd } as const;

/** What it is, by what Ethernet says. */
export const isProtocol = (name: keyof typeof ETHERTYPE): Part => ({
  text: `meta protocol ${name}`,
  code: [instruction("meta", REGISTER, META.PROTOCOL), equals(portBytes(ETHERTYPE[name]))],
});

/** The hardware address it says it is from: IEEE 802.3, bytes 6 to 11. */
export const notFromMac = (mac: string): Part => ({
  text: `ether saddr != ${mac}`,
  code: [instruction("payload", REGISTER, BASE.LINK, 6, 6), differs(parseMac(mac))],
});

/** Who says in ARP that he is at which address: RFC 826. */
export const arpSender = (mac: string, address: string): Part => ({
  text: `arp saddr ether ${mac} arp saddr ip ${address}`,
  code: [
    instruction("payload", REGISTER, BASE.NETWORK, 8, 6),
    equals(parseMac(mac)),
    instruction("payload", REGISTER, BASE.NETWORK, 14, 4),
    equals(bigEndian(parseAddress(address)!)),
  ],
});

const ICMPV6 = 58;

/** What neighbours on a link tell each other in IPv6: RFC 4861, 4. */
export const neighbourKind = (kind: number): Part => ({
  text: `icmpv6 type ${kind}`,
  code: [
    instruction("meta", REGISTER, META.L4PROTO),
    equals(Buffer.of(ICMPV6)),
    instruction("payload", REGISTER, BASE.TRANSPORT, 0, 1),
    equals(Buffer.of(kind)),
  ],
});

/** The address that it is about. */
export const neighbourTargetNot = (address: string): Part => ({
  text: `icmpv6 taddr != ${address}`,
  code: [instruction("payload", REGISTER, BASE.TRANSPORT, 8, 16), differs(parseAddress6(address)!)],
});
/** Where in the header they stand: RFC 791, 3.1, and RFC 8200, 3. */
const ADDRESS_AT = { ip: { saddr: 12, daddr: 16 }, ip6: { saddr: 8, daddr: 24 } } as const;

/** Who sent it, or who it is for: an address, or all of a subnet. */
export const address = (side: "saddr" | "daddr", text: string): Part => addressPart(side, "", text);
export const notTo = (text: string): Part => addressPart("daddr", "!= ", text);

function addressPart(side: "saddr" | "daddr", compare: "" | "!= ", text: string): Part {
  const family = familyOf(text);
  const { bytes, mask } = family === "ip" ? subnetBytes(text) : subnetBytes6(text);
  return {
    text: `${family} ${side} ${compare}${text}`,
    code: [
      instruction("payload", REGISTER, BASE.NETWORK, ADDRESS_AT[family][side], bytes.length),
      ...(mask ? [keep(mask)] : []),
      compare === "" ? equals(bytes) : differs(bytes),
    ],
  };
}

/** A subnet's first address, and which bits of it count. */
function subnetBytes(text: string): { bytes: Buffer; mask?: Buffer } {
  if (!text.includes("/")) return { bytes: bigEndian(parseAddress(text)!) };
  const { base, prefix } = parseSubnet(text);
  return { bytes: bigEndian(base), mask: bigEndian(netmask(prefix)) };
}

function subnetBytes6(text: string): { bytes: Buffer; mask?: Buffer } {
  if (!text.includes("/")) return { bytes: parseAddress6(text)! };
  const { base, prefix } = parseSubnet6(text);
  return { bytes: base, mask: netmask6(prefix) };
}

const PROTOCOL = { tcp: 6, udp: 17 } as const;

/** The port it is for. */
export function port(protocol: keyof typeof PROTOCOL, number: number): Part {
  return {
    text: `${protocol} dport ${number}`,
    code: [
      instruction("meta", REGISTER, META.L4PROTO),
      equals(Buffer.of(PROTOCOL[protocol])),
      instruction("payload", REGISTER, BASE.TRANSPORT, 2, 2),
      equals(portBytes(number)),
    ],
  };
}

function portBytes(number: number): Buffer {
  return Buffer.of(number >> 8, number & 255);
}

const FIB = { ADDRTYPE: 3, DADDR: 2 } as const;
const RTN_LOCAL = 2;

/** It is for an address of this host. */
export const forThisHost: Part = {
  text: "fib daddr type local",
  code: [instruction("fib", REGISTER, FIB.ADDRTYPE, FIB.DADDR), equals(littleEndian(RTN_LOCAL))],
};

const CT = { STATE: 0, STATUS: 2 } as const;

/** What is known of the connection it belongs to: at least one of these bits. */
const connection = (text: string, key: number, bits: number): Part => ({
  text: `ct ${text}`,
  code: [instruction("ct", REGISTER, key), keep(littleEndian(bits)), differs(littleEndian(0))],
});

/** It belongs to a conversation that was allowed to begin. */
export const isAnswer = connection("state established,related", CT.STATE, 0b0110);

/** It was sent on by a published port. */
export const isSentOn = connection("status dnat", CT.STATUS, 1 << 5);

// ---- what becomes of it

const VERDICT = { drop: 0, accept: 1, jump: -3 } as const;
const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const;
const VERDICT_REGISTER = 0;

function verdict(text: string, code: number, chain?: string): Part {
  const said = [attribute(NFTA_VERDICT.CODE, bigEndian(code))];
  if (chain !== undefined) said.push(attribute(NFTA_VERDICT.CHAIN, chain));
  return { text, code: [instruction("immediate", VERDICT_REGISTER, [attribute(NFTA_DATA.VERDICT, said)])] };
}

export const accept = verdict("accept", VERDICT.accept);
export const drop = verdict("drop", VERDICT.drop);
export const jump = (chain: string): Part => verdict(`jump ${chain}`, VERDICT.jump, chain);

/** The kernel doesn't remember which conversation it belongs to (conntrack). */
export const notrack: Part = { text: "notrack", code: [instruction("notrack")] };

/** It goes under the address of the link by which it leaves. */
export const masquerade: Part = { text: "masquerade", code: [instruction("masq")] };

const NAT = { DNAT: 1 } as const;
const NFPROTO = { ip: 2, ip6: 10 } as const;

/** It goes on to somebody else, and so does all that follows it. */
export function sendTo(target: string, number: number): Part {
  const family = familyOf(target);
  return {
    text: `dnat to ${family === "ip" ? target : `[${target}]`}:${number}`,
    code: [
      instruction("immediate", REGISTER, (family === "ip" ? subnetBytes(target) : subnetBytes6(target)).bytes),
      instruction("immediate", SECOND, portBytes(number)),
      instruction("nat", NAT.DNAT, NFPROTO[family], REGISTER, undefined, SECOND),
    ],
  };
}
