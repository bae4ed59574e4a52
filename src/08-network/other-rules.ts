// Other programs have rules for packets, too, and whichever of all rules says "drop" is right. A firewall that lets nothing
// cross the host but what it is told of (Docker's own rules are such) takes our containers' way out with it. Its rules are
// its own, so nothing is changed there; but who wonders is told.

import { readSync } from "node:fs";
import { perform, reg, step } from "../01-syscalls/index.ts";
import { field, messageFields, NETLINK, netlinkStep } from "./netlink.ts";

const NFT_MSG_GETCHAIN = (10 << 8) | 4;
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5 } as const;
const NF_INET_FORWARD = 2;
const NF_DROP = 0;
const NLMSG_DONE = 3;
const DUMP = 0x300;

/** Chains of others through which nothing gets that they don't let through: `filter FORWARD`. */
export function droppingChains(): string[] {
  return allMessages().flatMap(parseChain);
}

/** NFT_MSG_GETCHAIN, for all families and tables. One message a chain comes back, several in one read. */
function allMessages(): Buffer[] {
  const head = [field("", "u8", 0), field("", "u8", 0), field("", "u16", 0)];
  const fields = messageFields({ type: NFT_MSG_GETCHAIN, flags: DUMP, head, attributes: [] });
  const send = step("write", [reg("netlink"), { struct: fields }, 20], { why: "who else has rules?" });
  const { netlink } = perform([netlinkStep(NETLINK.NETFILTER, "netlink"), send]);
  try {
    return [...messagesFrom(netlink!)];
  } finally {
    perform([step("close", [netlink!], { why: "it is answered" })]);
  }
}

function* messagesFrom(socket: number): Generator<Buffer> {
  const room = Buffer.alloc(32_768);
  for (;;) {
    const length = readSync(socket, room);
    for (let at = 0; at + 16 <= length; at += (room.readUInt32LE(at) + 3) & ~3) {
      const type = room.readUInt16LE(at + 4);
      if (type <= NLMSG_DONE) return;
      yield Buffer.from(room.subarray(at, at + room.readUInt32LE(at)));
    }
  }
}

function parseChain(message: Buffer): string[] {
  const attributes = parseAttributes(message.subarray(20));
  const hook = parseAttributes(attributes.get(NFTA_CHAIN.HOOK) ?? Buffer.alloc(0)).get(1);
  const policy = attributes.get(NFTA_CHAIN.POLICY);
  const isDropping = hook?.readUInt32BE() === NF_INET_FORWARD && policy?.readUInt32BE() === NF_DROP;
  return isDropping ? [`${textOf(attributes.get(NFTA_CHAIN.TABLE))} ${textOf(attributes.get(NFTA_CHAIN.NAME))}`] : [];
}

/** The type's two highest bits say how it is to be read. */
function parseAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    found.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

function textOf(bytes: Buffer = Buffer.alloc(0)): string {
  return bytes.toString("utf8").replace(/\0+$/, "");
}
