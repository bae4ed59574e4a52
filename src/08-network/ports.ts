// A published port: who asks the host on it is sent on to a container. The firewall does the sending (firewall.ts), so
// nobody has to listen here; but a port that looks free would soon be somebody else's. So it is taken as any server takes
// it, by a socket that listens, and the kernel refuses it to everybody else. Whoever has the socket keeps the port: for a
// container that is its monitor, and when that is gone, so is the claim.

import { closeSync } from "node:fs";
import { AF, perform, reg, SOCK, type Step, SyscallError, step, struct, UserError } from "../01-syscalls/index.ts";
import { formatAddress, parseAddress } from "./addresses.ts";
import { dropLink, linksIn, portsFolder, putLink } from "./folders.ts";

export type Protocol = "tcp" | "udp";

/** What a person asks for: `-p 127.0.0.1:8080:80/udp`. */
export interface PortWish {
  protocol: Protocol;
  /** `0.0.0.0` is every address of the host. */
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
  const place = `Bind for ${hostAddress}:${hostPort} failed: `;
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
  throw new UserError(`Bind for ${wish.hostAddress}:${among.join("-")} failed: all ports are allocated`);
}

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

function listen({ protocol, hostAddress, hostPort }: PortWish): number {
  const isTcp = protocol === "tcp";
  const why = "the port is ours";
  const socket = reg("port");
  const type = (isTcp ? SOCK.STREAM : SOCK.DGRAM) | SOCK.CLOEXEC;
  const { port } = perform([
    step("socket", [AF.INET, type, 0], { why, as: "port" }),
    // Connections of a server that has ended don't keep its port from the next one; one that listens does.
    ...(isTcp ? [reuseStep(socket)] : []),
    step("bind", [socket, socketAddress(hostAddress, hostPort), 16], { why }),
    ...(isTcp ? [step("listen", [socket, 0], { why })] : []),
  ]);
  return port!;
}

function reuseStep(socket: { reg: string }): Step {
  const one = struct(["", "u32", 1]);
  return step("setsockopt", [socket, SOL_SOCKET, SO_REUSEADDR, one, 4], { why: "old connections don't count" });
}

/** `struct sockaddr_in`, 16 bytes. */
export function socketAddress(address: string, port: number) {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(AF.INET);
  bytes.writeUInt16BE(port, 2);
  bytes.writeUInt32BE(parseAddress(address) ?? 0, 4);
  const spell = () => `${formatAddress(bytes.readUInt32BE(4))}:${port}`;
  return struct(["sin_addr", "u64", bytes.readBigUInt64LE(), spell], ["", "u64", 0]);
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

export function portsOn(root: string, network: string): Published[] {
  return linksIn(portsFolder(root, network)).map(([name, target]) => {
    const [protocol, hostAddress = "", hostPort] = name.split(":");
    const [address = "", port] = target.split(":");
    return { protocol: protocol as Protocol, hostAddress, hostPort: Number(hostPort), address, port: Number(port) };
  });
}

/** Lets go of our ends: somebody else has them by now, or nobody shall. */
export function letGo(held: readonly HeldPort[]): void {
  for (const { fd } of held) closeSync(fd);
}
