// netlink(7): a socket that leads into the kernel. What is written to it is a message, and so is what comes back.
//
//   ┌ header: length, type, flags, number, whose ┬ a structure of the type's own ┬ attribute ┬ attribute ┬ …
//   └ 16 bytes                                   ┴ struct ifinfomsg, …           ┴ length, type, value; padded to four
//
// An attribute's value may be attributes again. A message is laid out as the fields of a structure, so that a plan shows
// it in words, and a register may stand in it: a process's id that nobody knows before there is that process.

import { readSync } from "node:fs";
import {
  AF,
  type Field,
  NLMSG,
  perform,
  type Ref,
  type Register,
  type Registers,
  reg,
  SOCK,
  type Step,
  spellFlags,
  spellOne,
  step,
} from "../01-syscalls/index.ts";

/** Protocols: which part of the kernel it leads to. */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const;

/** Types of messages: rtnetlink(7). */
export const RTM = { NEWLINK: 16, DELLINK: 17, GETLINK: 18, NEWADDR: 20 } as const;

/** What is asked of the receiver. */
export const NLM_F = { REQUEST: 0x001, ACK: 0x004, EXCL: 0x200, CREATE: 0x400, APPEND: 0x800 } as const;

const HEADER_BYTES = 16;

export interface Attribute {
  /** The kernel's name for it; what is spelled. */
  name: string;
  type: number;
  value: number | string | Uint8Array | Ref | Attribute[];
  /** A structure that stands before the attributes of the value. */
  head?: Field[];
  /** Bytes in words. */
  spell?: () => string;
}

export interface Message {
  type: number;
  /** Of the header; REQUEST is set in any case, and ACK but for one that isn't to be answered unless it fails. */
  flags?: number;
  isSilent?: boolean;
  /** The structure of this type of message. */
  head: Field[];
  attributes: Attribute[];
}

const WIDTH = { u8: 1, u16: 2, u32: 4, u64: 8, pointer: 8 } as const;

export function field(name: string, type: Field["type"], value: number | Ref, spell?: Field["spell"]): Field {
  return { name, type, value, ...(spell && { spell }) };
}

/** The message as fields of a structure, header and all. */
export function messageFields({ type, flags = 0, isSilent = false, head, attributes }: Message): Field[] {
  const body = [...head, ...attributes.flatMap(attributeFields)];
  const always = NLM_F.REQUEST | (isSilent ? 0 : NLM_F.ACK);
  return [
    field("nlmsg_len", "u32", HEADER_BYTES + sizeOf(body)),
    field("nlmsg_type", "u16", type, (value) => spellOne(RTM, value, "RTM_")),
    field("nlmsg_flags", "u16", always | flags, (value) => spellFlags(NLM_F, value, "NLM_F_")),
    field("", "u32", 0),
    field("", "u32", 0),
    ...body,
  ];
}

function attributeFields({ name, type, value, head = [], spell }: Attribute): Field[] {
  const isNested = Array.isArray(value);
  const inner = isNested ? [...head, ...value.flatMap(attributeFields)] : valueFields(name, value, spell);
  const length = 4 + sizeOf(inner);
  const padding = bytesFields("", Buffer.alloc(-length & 3));
  return [field("", "u16", length), field("", "u16", type), ...inner, ...padding];
}

function valueFields(name: string, value: Exclude<Attribute["value"], Attribute[]>, spell?: () => string): Field[] {
  if (typeof value === "string") return bytesFields(name, Buffer.from(`${value}\0`), () => JSON.stringify(value));
  if (value instanceof Uint8Array) return bytesFields(name, value, spell);
  return [field(name, "u32", value)];
}

/** A byte a field; the first has the name, and is spelled as all of them. */
function bytesFields(name: string, bytes: Uint8Array, spell?: () => string): Field[] {
  return [...bytes].map((byte, index) => field(index === 0 ? name : "", "u8", byte, spell));
}

function sizeOf(fields: Field[]): number {
  return fields.reduce((sum, { type }) => sum + WIDTH[type], 0);
}

// ---- as bytes

/**
 * The same for a message in which no register stands, and which nobody wants to see in words. All rules are many bytes, and
 * with a field for each of them they take twice as long.
 */
export function messageBytes({ type, flags = 0, isSilent = false, head, attributes }: Message): Buffer {
  const length = attributes.reduce((sum, each) => sum + roomFor(each), HEADER_BYTES + sizeOf(head));
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(NLM_F.REQUEST | (isSilent ? 0 : NLM_F.ACK) | flags, 6);
  putAll(bytes, HEADER_BYTES, head, attributes);
  return bytes;
}

const padded = (length: number): number => (length + 3) & ~3;

function roomFor({ value, head = [] }: Attribute): number {
  if (typeof value === "string") return padded(4 + Buffer.byteLength(value) + 1);
  if (Array.isArray(value)) return value.reduce((sum, each) => sum + roomFor(each), 4 + sizeOf(head));
  return value instanceof Uint8Array ? padded(4 + value.length) : 8;
}

/** Returns where it ends. */
function putAll(bytes: Buffer, from: number, head: Field[], attributes: Attribute[]): number {
  let at = from;
  for (const { type, value } of head) at = bytes.writeUIntLE(Number(value), at, WIDTH[type]);
  for (const each of attributes) at = putAttribute(bytes, at, each);
  return at;
}

function putAttribute(bytes: Buffer, at: number, attribute: Attribute): number {
  const end = putValue(bytes, at + 4, attribute);
  bytes.writeUInt16LE(end - at, at);
  bytes.writeUInt16LE(attribute.type, at + 2);
  return padded(end);
}

function putValue(bytes: Buffer, at: number, { value, head = [] }: Attribute): number {
  if (typeof value === "string") return at + bytes.write(value, at) + 1;
  if (Array.isArray(value)) return putAll(bytes, at, head, value);
  if (!(value instanceof Uint8Array)) return bytes.writeUInt32LE(Number(value), at);
  bytes.set(value, at);
  return at + value.length;
}

// ---- asking

/** Opens a way to `protocol`, under the register `as`. */
export function netlinkStep(protocol: number, as: Register): Step {
  const why = "a way to the kernel's network";
  return step("socket", [AF.NETLINK, SOCK.RAW | SOCK.CLOEXEC, protocol], { why, as });
}

/** Sends the message, and hears what the kernel says of it. */
export function requestSteps(socket: Register, message: Message, about: Pick<Step, "why" | "allow">): Step[] {
  const fields = messageFields(message);
  return [
    step("write", [reg(socket), { struct: fields }, sizeOf(fields)], { why: about.why }),
    readAnswerStep(socket, about),
  ];
}

/** Hears what the kernel says of what was sent. */
export function readAnswerStep(socket: Register, about: Pick<Step, "why" | "allow">): Step {
  const args = [reg(socket), { room: ANSWER_BYTES }, ANSWER_BYTES];
  return step("read", args, { ...about, reply: "netlink", retry: ["EINTR"] });
}

const ANSWER_BYTES = 8192;

/** Carries requests out here and now. Throws SyscallError with the kernel's answer. */
export function request(protocol: number, requests: Step[]): Registers {
  const close = step("close", [reg("netlink")], { why: "all is said" });
  return perform([netlinkStep(protocol, "netlink"), ...requests, close]);
}

/** What the kernel answers, headers and all; undefined where there is no such thing, or it can't be asked. */
export function ask(protocol: number, message: Message): Buffer | undefined {
  const fields = messageFields(message);
  const send = step("write", [reg("netlink"), { struct: fields }, sizeOf(fields)], { why: "a question" });
  const open: Step = { ...netlinkStep(protocol, "netlink"), allow: ["EPROTONOSUPPORT"] };
  const { netlink } = perform([open, send]);
  if (netlink! < 0) return undefined;
  try {
    const answer = Buffer.alloc(ANSWER_BYTES);
    const length = readSync(netlink!, answer);
    return answer.readUInt16LE(4) === NLMSG.ERROR ? undefined : answer.subarray(0, length);
  } finally {
    perform([step("close", [netlink!], { why: "it is answered" })]);
  }
}
