// IPv4 addresses are numbers of 32 bits, and a network is all that begin with the same bits: `172.17.0.0/16` is those
// that share the first sixteen. See RFC 4632.

import { UserError } from "../01-syscalls/index.ts";

/** An address as a number from 0 to 2^32 - 1. */
export type Address = number;

export interface Subnet {
  /** The first address, with nothing set behind the prefix. */
  base: Address;
  /** How many bits they share. */
  prefix: number;
}

/** Undefined for what isn't four numbers with dots between them. */
export function parseAddress(text: string): Address | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function formatAddress(address: Address): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** `172.20.0.0/16`. Throws UserError in Docker's words, also if bits are set behind the prefix. */
export function parseSubnet(text: string): Subnet {
  const [address = "", length = ""] = text.split("/");
  const parsed = parseAddress(address);
  const prefix = Number(length);
  if (parsed === undefined || !/^\d{1,2}$/.test(length) || prefix > 32) {
    throw new UserError(`invalid subnet ${text}: invalid CIDR address: ${text}`);
  }
  const base = firstOf(parsed, prefix);
  if (base === parsed) return { base, prefix };
  throw new UserError(`invalid subnet ${text}: it should be ${formatSubnet({ base, prefix })}`);
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** `255.255.0.0` of 16. */
export function netmask(prefix: number): Address {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

export function firstOf(address: Address, prefix: number): Address {
  return (address & netmask(prefix)) >>> 0;
}

/** Every host listens to it. */
export function lastOf({ base, prefix }: Subnet): Address {
  return (base | ~netmask(prefix)) >>> 0;
}

export function contains(subnet: Subnet, address: Address): boolean {
  return firstOf(address, subnet.prefix) === subnet.base;
}

/** Some address is in both. */
export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.prefix <= other.prefix ? contains(one, other.base) : contains(other, one.base);
}

/**
 * An Ethernet address for whoever has this address: `02:42` says that nobody burnt it into a card, and the rest makes it
 * as unique as the address is.
 */
export function macOf(address: Address): string {
  const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Six bytes. Throws UserError. */
export function parseMac(text: string): Buffer {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) return Buffer.from(text.replaceAll(":", ""), "hex");
  throw new UserError(`invalid MAC address: ${text}`);
}
