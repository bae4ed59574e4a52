// IPv6 addresses are sixteen bytes, written as eight groups of four hexadecimal digits; the longest row of groups that are
// zero may be left out, as `::`. See RFC 4291, 2.2, and RFC 5952 for how to write one down.
//
// Who doesn't choose one gets one without asking who has which: its last four bytes are those of the container's IPv4 address, of
// which no two have the same.

import { randomBytes, UserError } from "../01-syscalls/index.ts";
import { type Address, parseAddress } from "./addresses.ts";

export interface Subnet6 {
  base: Buffer;
  prefix: number;
}

const BYTES = 16;
const GROUPS = 8;
/** Behind it the IPv4 address must have room. */
const LONGEST_PREFIX = 96;

/** Undefined for what isn't one. */
export function parseAddress6(text: string): Buffer | undefined {
  const halves = text.split("::").map((half) => (half === "" ? [] : half.split(":")));
  if (halves.length > 2 || !halves.flat().every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const [left = [], right] = halves;
  const missing = GROUPS - halves.flat().length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<string>(missing).fill("0"), ...(right ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

export function formatAddress6(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, ""));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** Of several rows of the same length, the first. */
function longestZeros(groups: string[]): { start: number; length: number } {
  const rows = groups.map((_, start) => {
    const end = groups.findIndex((group, index) => index >= start && group !== "0");
    return { start, length: (end === -1 ? groups.length : end) - start };
  });
  return rows.reduce((best, row) => (row.length > best.length ? row : best));
}

/** `fd00:9::/64`. Throws UserError, also if bits are set behind the prefix. */
export function parseSubnet6(text: string): Subnet6 {
  const [address = "", length = ""] = text.split("/");
  const base = parseAddress6(address);
  const prefix = Number(length);
  if (base === undefined || !/^\d{1,3}$/.test(length) || prefix > BYTES * 8) {
    throw new UserError(`invalid subnet ${text}: invalid CIDR address: ${text}`);
  }
  const first = masked(base, prefix);
  if (first.equals(base)) return { base, prefix };
  throw new UserError(`invalid subnet ${text}: it should be ${formatAddress6(first)}/${prefix}`);
}

export function formatSubnet6({ base, prefix }: Subnet6): string {
  return `${formatAddress6(base)}/${prefix}`;
}

/** The same for one that is to be a network of ours. */
export function parseNetwork6(text: string): Subnet6 {
  const subnet = parseSubnet6(text);
  if (subnet.prefix <= LONGEST_PREFIX) return subnet;
  throw new UserError(
    `invalid subnet ${text}: the last 32 bits of an address are those of the container's IPv4 address`,
  );
}

function masked(bytes: Uint8Array, prefix: number): Buffer {
  const mask = netmask6(prefix);
  return Buffer.from(bytes.map((byte, index) => byte & mask[index]!));
}

export function netmask6(prefix: number): Buffer {
  return Buffer.from(
    Array.from({ length: BYTES }, (_, index) => {
      const bits = Math.min(Math.max(prefix - index * 8, 0), 8);
      return (0xff << (8 - bits)) & 0xff;
    }),
  );
}

export function contains6({ base, prefix }: Subnet6, address: Uint8Array): boolean {
  return masked(address, prefix).equals(base);
}

/** Some address is in both. */
export function overlaps6(one: Subnet6, other: Subnet6): boolean {
  const prefix = Math.min(one.prefix, other.prefix);
  return masked(one.base, prefix).equals(masked(other.base, prefix));
}

/** The address of who has this IPv4 address. */
export function address6Of({ base }: Subnet6, address: Address | string): string {
  const bytes = Buffer.from(base);
  const last = BYTES - 4;
  bytes.writeUInt32BE((bytes.readUInt32BE(last) | numberOf(address)) >>> 0, last);
  return formatAddress6(bytes);
}

function numberOf(address: Address | string): Address {
  return typeof address === "string" ? parseAddress(address)! : address;
}

/** One that nobody else has, most likely: RFC 4193 has 40 bits drawn by lot. */
export function randomSubnet6(): string {
  const bytes = Buffer.alloc(BYTES);
  bytes[0] = 0xfd;
  bytes.set(randomBytes(5), 1);
  return `${formatAddress6(bytes)}/64`;
}
