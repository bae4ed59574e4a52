// A chain is a list of rules that packets come by at one point of their way through the kernel: nft(8), "Chains". Changes
// are sent as a batch, several messages in one write, of which the kernel carries out all or none:
//
//   BATCH_BEGIN │ NEWTABLE │ DELTABLE │ NEWTABLE │ NEWCHAIN … │ NEWRULE … │ BATCH_END
//
// So a table is replaced without a moment in which there is none: it is made, if somebody has just taken it away, so
// that it can be removed, and made anew. An error is always answered, and first; of what went well only the last message is.

import { reg, type Step, step, struct } from "../01-syscalls/index.ts";
import { attribute, bigEndian, type Part, ruleText } from "./expressions.ts";
import type { TableFamily } from "./family.ts";
import { field, type Message, messageBytes, NETLINK, NLM_F, readAnswerStep, request } from "./netlink.ts";
import { takeDownLater } from "./takedown.ts";

export interface Chain {
  name: string;
  /** Where on its way a packet comes by; what has none is only jumped to. */
  hook?: { type: "filter" | "nat"; at: keyof typeof HOOK; priority: keyof typeof PRIORITY; link?: string };
  rules: Part[][];
}

/** Points on the way: linux/netfilter.h. A link has its own, where a packet has just come in by it. */
const HOOK = { ingress: 0, prerouting: 0, forward: 2, output: 3, postrouting: 4 } as const;

/** Who comes first, where several listen: linux/netfilter_ipv4.h, and nft's words for it. */
const PRIORITY = { raw: -300, dstnat: -100, "-100": -100, filter: 0, srcnat: 100 } as const;

/** As `nft list table` shows it. */
export function chainText({ name, hook, rules }: Chain): string {
  const place = hook?.link === undefined ? hook?.at : `${hook.at} device "${hook.link}"`;
  const head = hook ? [`type ${hook.type} hook ${place} priority ${hook.priority}; policy accept;`] : [];
  return [`  chain ${name} {`, ...[...head, ...rules.map(ruleText)].map((line) => `    ${line}`), "  }\n"].join("\n");
}

// ---- in netlink's words

const NFNL_MSG_BATCH = { BEGIN: 0x10, END: 0x11 } as const;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG = { NEWTABLE: 0, GETTABLE: 1, DELTABLE: 2, NEWCHAIN: 3, DELCHAIN: 5, NEWRULE: 6, DELRULE: 8 } as const;
const NFTA_TABLE = { NAME: 1, USERDATA: 6 } as const;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, TYPE: 7 } as const;
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2, DEV: 3 } as const;
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const;
const NFPROTO = { unspecified: 0, ip: 2, netdev: 5, ip6: 10 } as const;

/** Ours has this name in each family. */
export const TABLE = "mini-docker";

export interface Table {
  family: TableFamily;
  table: string;
  chains: readonly Chain[];
  /** There is none of its name. Where one goes, the kernel has who closes the socket wait for it, 10 ms. */
  isNew?: boolean;
}

/** Puts a table in the place of whatever has its name, or makes it. Throws SyscallError; nothing has changed then. */
export function putTable({ comment, ...about }: Table & { comment: string }): void {
  request(NETLINK.NETFILTER, tableSteps(about, comment));
}

/** The same as steps, for a socket in the register `netlink`. */
export function tableSteps({ family, table, chains, isNew = false }: Table, comment?: string): Step[] {
  const rules = chains.flatMap((chain) => chain.rules.map((rule) => newRule(table, chain.name, rule)));
  return batchSteps(family, [
    ...(isNew ? [] : [newTable(table), deleteTable(table)]),
    newTable(table, comment),
    // All chains before the first rule: one may jump to another.
    ...chains.map((chain) => newChain(table, chain)),
    ...rules,
  ]);
}

/** Removes it, a little later. Removing what is gone is success. The caller holds the lock. */
export function dropTable(family: TableFamily, table: string): void {
  takeDownLater(NETLINK.NETFILTER, batchSteps(family, [deleteTable(table)], { allow: ["ENOENT"] }));
}

/** Adds one chain to a table, which is made if there is none. Whatever such a chain has had before goes. */
export function chainSteps(
  socket: string,
  { family, chain, allow }: { family: TableFamily; chain: Chain; allow: Step["allow"] },
): Step[] {
  const rules = chain.rules.map((rule) => newRule(TABLE, chain.name, rule));
  const changes = [newTable(TABLE), newChain(TABLE, chain), ofChain(NFT_MSG.DELRULE, NFTA_RULE, chain.name), ...rules];
  return batchSteps(family, changes, { socket, allow, why: "what may come in by this cable" });
}

/** Removes one, a little later. Removing what is gone is success. The caller holds the lock. */
export function dropChain(family: TableFamily, chain: string): void {
  const change = ofChain(NFT_MSG.DELCHAIN, { TABLE: NFTA_CHAIN.TABLE, CHAIN: NFTA_CHAIN.NAME }, chain);
  takeDownLater(NETLINK.NETFILTER, batchSteps(family, [change], { allow: ["ENOENT"] }));
}

function ofChain(type: number, names: { TABLE: number; CHAIN: number }, chain: string): Message {
  return change(type, 0, [attribute(names.TABLE, TABLE), attribute(names.CHAIN, chain)]);
}

/** A question: what is there of this name? */
export function getTable(family: TableFamily, table: string): Message {
  return ofFamily(family, change(NFT_MSG.GETTABLE, 0, [attribute(NFTA_TABLE.NAME, table)]));
}

const newTable = (table: string, comment?: string): Message => {
  const about = comment === undefined ? [] : [attribute(NFTA_TABLE.USERDATA, commentBytes(comment))];
  return change(NFT_MSG.NEWTABLE, NLM_F.CREATE, [attribute(NFTA_TABLE.NAME, table), ...about]);
};

const deleteTable = (table: string): Message => change(NFT_MSG.DELTABLE, 0, [attribute(NFTA_TABLE.NAME, table)]);

/** The kernel keeps it and never looks inside. For nft it is kind 0, length, text. */
function commentBytes(comment: string): Buffer {
  return Buffer.concat([Buffer.of(0, comment.length + 1), Buffer.from(`${comment}\0`)]);
}

function newChain(table: string, { name, hook }: Chain): Message {
  const place = hook && [
    attribute(NFTA_CHAIN.HOOK, [
      attribute(NFTA_HOOK.HOOKNUM, bigEndian(HOOK[hook.at])),
      attribute(NFTA_HOOK.PRIORITY, bigEndian(PRIORITY[hook.priority])),
      ...(hook.link === undefined ? [] : [attribute(NFTA_HOOK.DEV, hook.link)]),
    ]),
    attribute(NFTA_CHAIN.TYPE, hook.type),
  ];
  const which = [attribute(NFTA_CHAIN.TABLE, table), attribute(NFTA_CHAIN.NAME, name)];
  return change(NFT_MSG.NEWCHAIN, NLM_F.CREATE, [...which, ...(place ?? [])]);
}

function newRule(table: string, chain: string, rule: readonly Part[]): Message {
  return change(NFT_MSG.NEWRULE, NLM_F.CREATE | NLM_F.APPEND, [
    attribute(NFTA_RULE.TABLE, table),
    attribute(NFTA_RULE.CHAIN, chain),
    attribute(
      NFTA_RULE.EXPRESSIONS,
      rule.flatMap(({ code }) => code),
    ),
  ]);
}

function change(type: number, flags: number, attributes: Message["attributes"]): Message {
  return { type: (NFNL_SUBSYS_NFTABLES << 8) | type, flags, head: [], attributes };
}

function ofFamily(family: TableFamily, message: Message): Message {
  return { ...message, head: head(NFPROTO[family]) };
}

/** `struct nfgenmsg`: the family of addresses, a version, and a number of 16 bits, first byte first. */
function head(family: number, number = 0): Message["head"] {
  return [field("", "u8", family), field("", "u8", 0), field("", "u8", number >> 8), field("", "u8", number & 255)];
}

function mark(type: number): Message {
  return { type, isSilent: true, head: head(NFPROTO.unspecified, NFNL_SUBSYS_NFTABLES), attributes: [] };
}

interface About {
  /** The register with the socket. */
  socket?: string;
  allow?: Step["allow"];
  why?: string;
}

function batchSteps(family: TableFamily, changes: Message[], about: About = {}): Step[] {
  const { socket = "netlink", allow = [], why = "the rules for packets, all at once" } = about;
  const silent = changes.map((each, index) => ({ ...ofFamily(family, each), isSilent: index < changes.length - 1 }));
  const batch = [mark(NFNL_MSG_BATCH.BEGIN), ...silent, mark(NFNL_MSG_BATCH.END)];
  const bytes = Buffer.concat(batch.map(messageBytes));
  return [
    ...(bytes.length > ROOM_BYTES ? [roomStep(socket, bytes.length)] : []),
    step("write", [reg(socket), bytes, bytes.length], { why }),
    readAnswerStep(socket, { why, allow }),
  ];
}

/** What a socket takes at once, on any machine. */
const ROOM_BYTES = 65_536;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;

/** A thousand published ports need more: socket(7). */
function roomStep(socket: string, bytes: number): Step {
  const room = struct(["", "u32", bytes]);
  return step("setsockopt", [reg(socket), SOL_SOCKET, SO_SNDBUFFORCE, room, 4], { why: "room for all of it" });
}
