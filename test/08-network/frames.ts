// Frames of Ethernet with any sender, in hexadecimal, as an attacker makes them.

import { parseAddress, parseAddress6, parseMac } from "../../src/08-network/index.ts";

const EVERYBODY = "ff:ff:ff:ff:ff:ff";

function frame(from: string, to: string, type: number, payload: Buffer): string {
  return Buffer.concat([parseMac(to), parseMac(from), u16(type), payload]).toString("hex");
}

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255);

function ip4(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(parseAddress(text)!);
  return bytes;
}

/** RFC 1071: the sum of all pairs of bytes, folded, the other way round. */
function checksum(bytes: Buffer): Buffer {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return u16(~sum & 0xffff);
}

/** "I am at this address", to whoever listens: an answer of ARP nobody has asked for, RFC 5227, 3. */
export function arpAnswer(mac: string, address: string, from = mac): string {
  const head = Buffer.from("0001080006040002", "hex");
  const said = Buffer.concat([head, parseMac(mac), ip4(address), parseMac(mac), ip4(address)]);
  return frame(from, EVERYBODY, 0x0806, said);
}

/** A datagram of UDP that says `word` to port 7777. */
export function datagram(mac: [from: string, to: string], address: [from: string, to: string], word: string): string {
  const udp = Buffer.concat([u16(7777), u16(7777), u16(8 + word.length), u16(0), Buffer.from(word)]);
  const head = Buffer.concat([Buffer.of(0x45, 0), u16(20 + udp.length), Buffer.from("0000000040110000", "hex")]);
  const whole = Buffer.concat([head, ip4(address[0]), ip4(address[1])]);
  checksum(whole).copy(whole, 10);
  return frame(mac[0], mac[1], 0x0800, Buffer.concat([whole, udp]));
}

/** The same as `arpAnswer` in IPv6: a neighbour advertisement of `target`, RFC 4861, 4.4, that overrides what is known. */
export function advertisement(mac: string, from: string, target: string): string {
  const everybody = parseAddress6("ff02::1")!;
  const said = Buffer.concat([
    Buffer.from("8800000020000000", "hex"),
    parseAddress6(target)!,
    Buffer.of(2, 1),
    parseMac(mac),
  ]);
  const addresses = Buffer.concat([parseAddress6(from)!, everybody]);
  const pseudo = Buffer.concat([addresses, Buffer.of(0, 0, 0, said.length, 0, 0, 0, 58), said]);
  checksum(pseudo).copy(said, 2);
  const head = Buffer.concat([Buffer.from("60000000", "hex"), u16(said.length), Buffer.of(58, 255), addresses]);
  return frame(mac, "33:33:00:00:00:01", 0x86dd, Buffer.concat([head, said]));
}
