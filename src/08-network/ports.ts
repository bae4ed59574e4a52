// A published port: who asks the host on it is sent on to a container. The firewall does the sending (firewall.ts), so
// nobody has to listen here; but a port that looks free would soon be somebody else's. So it is taken as any server takes
// it, by a socket that listens, and the kernel refuses it to everybody else. Whoever has the socket keeps the port: for a
// container that is its monitor, and when that is gone, so is the claim.

import { closeSync } from "node:fs";
import {
  AF,
  perform,
  type Ref,
  reg,
  SOCK,
  type Step,
  SyscallError,
  step,
  struct,
  UserError,
} from "../01-syscalls/index.ts";
import { formatAddress, parseAddress } from "./addresses.ts";
import { parseAddress6 } from "./addresses6.ts";
import { familyOf, withBrackets } from "./family.ts";
import { dropLink, linksIn, portsFolder, putLink } from "./folders.ts";
import { type Addresses, leasesOn } from "./leases.ts";
import type { Network } from "./networks.ts";

export type Protocol = "tcp" | "udp";

/** What a person asks for: `-p 127.0.0.1:8080:80/udp`. */
export interface PortWish {
  protocol: Protocol;
  /** `0.0.0.0` is every address of the host, and `::` every one of IPv6. */
  hostAddress: string;
  /** 0: whichever is free, `among` all or from the first to the last of these. */
  hostPort: number;
  among?: [first: number, last: number];
  /** The container's. */
  port: number;
}

/** A port that is taken, by this descriptor. */
export interface HeldPort extends PortWish {
  fd: number;
}

/** Where Linux has its own from, for whoever doesn't care: ip_local_port_range of ip(7). */
const DYNAMIC: [number, number] = [32_768, 60_999];

/** Takes all of them or none. Throws UserError, in Docker's words, for one that somebody else has. */
export function holdPorts(wishes: readonly PortWish[]): HeldPort[] {
  const held: HeldPort[] = [];
  try {
    for (const wish of wishes) held.push(wish.hostPort === 0 ? holdAny(wish) : holdOne(wish));
    return held;
  } catch (error) {
    for (const { fd } of held) closeSync(fd);
    throw error;
  }
}

function holdOne(wish: PortWish): HeldPort {
  try {
    return { ...wish, fd: listen(wish) };
  } catch (error) {
    throw error instanceof SyscallError ? refusal(wish, error) : error;
  }
}

function refusal({ hostAddress, hostPort }: PortWish, cause: SyscallError): unknown {
  const place = `Bind for ${withBrackets(hostAddress)}:${hostPort} failed: `;
  if (cause.code === "EADDRINUSE") return new UserError(`${place}port is already allocated`);
  if (cause.code === "EADDRNOTAVAIL") return new UserError(`${place}the host has no such address`);
  return cause;
}

function holdAny({ among = DYNAMIC, ...wish }: PortWish): HeldPort {
  for (let hostPort = among[0]; hostPort <= among[1]; hostPort++) {
    try {
      return { ...wish, hostPort, fd: listen({ ...wish, hostPort }) };
    } catch (error) {
      if (!(error instanceof SyscallError && error.code === "EADDRINUSE")) throw error;
    }
  }
  throw new UserError(`Bind for ${withBrackets(wish.hostAddress)}:${among.join("-")} failed: all ports are allocated`);
}

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

function listen({ protocol, hostAddress, hostPort }: PortWish): number {
  const isTcp = protocol === "tcp";
  const why = "the port is ours";
  const socket = reg("port");
  const type = (isTcp ? SOCK.STREAM : SOCK.DGRAM) | SOCK.CLOEXEC;
  const isSix = familyOf(hostAddress) === "ip6";
  const [address, bytes] = isSix
    ? [socketAddress6(hostAddress, hostPort), 28]
    : [socketAddress(hostAddress, hostPort), 16];
  const { port } = perform([
    step("socket", [isSix ? AF.INET6 : AF.INET, type, 0], { why, as: "port" }),
    // The other family's is taken by itself.
    ...(isSix ? [optionStep(socket, IPPROTO_IPV6, IPV6_V6ONLY, "IPv6 alone")] : []),
    // Connections of a server that has ended don't keep its port from the next one; one that listens does.
    ...(isTcp ? [optionStep(socket, SOL_SOCKET, SO_REUSEADDR, "old connections don't count")] : []),
    step("bind", [socket, address, bytes], { why }),
    ...(isTcp ? [step("listen", [socket, 0], { why })] : []),
  ]);
  return port!;
}

function optionStep(socket: Ref, level: number, option: number, why: string): Step {
  return step("setsockopt", [socket, level, option, struct(["", "u32", 1]), 4], { why });
}

/** `struct sockaddr_in6`: family, port, four bytes of nothing, the address, four more. */
function socketAddress6(address: string, port: number) {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(AF.INET6);
  bytes.writeUInt16BE(port, 2);
  bytes.set(parseAddress6(address)!, 8);
  return bytes;
}

/** `struct sockaddr_in`, 16 bytes. */
export function socketAddress(address: string, port: number) {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(port);
  bytes.writeUInt32BE(parseAddress(address) ?? 0, 2);
  return struct(
    ["sa_family", "u16", AF.INET, () => "AF_INET"],
    ["sin_port", "u16", bytes.readUInt16LE(), () => `htons(${port})`],
    ["sin_addr", "u32", bytes.readUInt32LE(2), () => `inet_addr("${formatAddress(bytes.readUInt32BE(2))}")`],
    ["", "u64", 0],
  );
}

// ---- on disk

/** Writes down where a port leads. The caller holds the lock. */
export function notePort(root: string, network: string, address: string, wish: PortWish): void {
  const { protocol, hostAddress, hostPort, port } = wish;
  const name = `${protocol}:${hostAddress}:${hostPort}`;
  // The port is held, so whoever had it before is gone.
  dropLink(portsFolder(root, network), name);
  putLink(portsFolder(root, network), name, `${address}:${port}`);
}

export interface Published extends PortWish {
  /** The container's. */
  address: string;
}

export function portsOn(root: string, { name: network }: Pick<Network, "name">): Published[] {
  const leases = new Map(leasesOn(root, network).map((lease) => [lease.address, lease]));
  return linksIn(portsFolder(root, network)).map(([name, target]) => {
    const [, protocol = "", hostAddress = "", hostPort] = /^(\w+):(.*):(\d+)$/.exec(name) ?? [];
    const [holder = "", port] = target.split(":");
    const address = reachedAt(leases.get(holder) ?? { address: holder }, hostAddress);
    return { protocol: protocol as Protocol, hostAddress, hostPort: Number(hostPort), address, port: Number(port) };
  });
}

/** Who is asked by IPv6 is reached by IPv6: of the two addresses of a container the one in the host address's family. */
function reachedAt({ address, address6 = address }: Addresses, hostAddress: string): string {
  return familyOf(hostAddress) === "ip" ? address : address6;
}

/** Lets go of our ends: somebody else has them by now, or nobody shall. */
export function letGo(held: readonly HeldPort[]): void {
  for (const { fd } of held) closeSync(fd);
}
