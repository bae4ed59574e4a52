// An ordinary user may lay no cable: one end of it would be the host's. But he may open sockets, as any program of his does.
// So a program stands in for the cable. The container's link ends in it, as a file (tun(4)): what the container sends, it
// reads as packets, and sends their content on from a socket of its own, and back. pasta(1) and slirp4netns(1) are two of them.
//
//   container's network              the user's program            host's network
//   eth0 ◄─── packets ──► /dev/net/tun ◄──► pasta ◄──► sockets ◄──► everybody else
//
// It shuts itself in before it reads the first packet: no files, a filter of calls, no powers over anything of the host's.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { EVERY } from "./family.ts";
import type { PortWish } from "./ports.ts";

/** What somebody gets first who names none: pasta has more to offer, but Debian 12's ends when another host connects. */
export const TUNNELS = ["slirp4netns", "pasta"] as const;

export type TunnelName = (typeof TUNNELS)[number];

/** What follows `--network`: `pasta`, or `pasta:--map-gw`, or `slirp4netns:allow_host_loopback=true`. */
export interface TunnelWish {
  name: TunnelName;
  /** The host's own 127.0.0.1 is reached, too, as the gateway's address. */
  reachesLoopback: boolean;
}

/** podman's words for it. */
const LOOPBACK: Record<TunnelName, Record<string, boolean>> = {
  pasta: { "--map-gw": true, "--no-map-gw": false },
  slirp4netns: { "allow_host_loopback=true": true, "allow_host_loopback=false": false },
};

/** Undefined for a word that is none of these. Throws UserError for an option that there isn't. */
export function parseTunnel(word: string): TunnelWish | undefined {
  const [, given, option] = /^([^:]*)(?::(.*))?$/s.exec(word) ?? [];
  const name = TUNNELS.find((each) => each === given);
  if (name === undefined) return undefined;
  const known = LOOPBACK[name];
  if (option !== undefined && !Object.hasOwn(known, option)) {
    const hint = `there are ${Object.keys(known).join(" and ")}`;
    throw new UserError(`invalid option of --network ${name}: ${option}`, { hint });
  }
  return { name, reachesLoopback: option !== undefined && known[option]! };
}

/**
 * Each such container is alone on its network, so all have the same addresses: those that slirp4netns has always had. (pasta
 * would lend the host's own, and whoever asks from the host would look like the container itself.) At `nameServer` the program
 * asks whom the host asks, also where that is the host itself.
 */
export const TUNNEL_NETWORK = {
  address: "10.0.2.100",
  prefix: 24,
  gateway: "10.0.2.2",
  nameServer: "10.0.2.3",
} as const;

const FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin"];

/** Where the program is. */
export function tunnelProgram(name: TunnelName): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), ...FOLDERS].filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => `${folder}/${name}`).find((path) => isAllowed(path, constants.X_OK));
}

export const TUNNEL_DEVICE = "/dev/net/tun";

/** Why there is no link of that kind to be had; undefined where there is. */
export function deviceRefusal(): string | undefined {
  if (isAllowed(TUNNEL_DEVICE, constants.R_OK | constants.W_OK)) return undefined;
  return existsSync(TUNNEL_DEVICE) ? `${TUNNEL_DEVICE} is root's only` : `there is no ${TUNNEL_DEVICE}`;
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** The program's path. Throws UserError where it can't work here. */
export function requireTunnel(name: TunnelName): string {
  const path = tunnelProgram(name);
  const refusal = path === undefined ? `there is no program ${name} here` : deviceRefusal();
  if (refusal === undefined) return path!;
  throw new UserError(`no network by ${name}: ${refusal}`, { hint: "`mini-docker doctor` says how to mend it" });
}

/** The one that whoever names none gets; undefined where none could work, or the host itself has no way out. */
export function possibleTunnel(): TunnelName | undefined {
  if (deviceRefusal() !== undefined || !hasWayOut()) return undefined;
  return TUNNELS.find((name) => tunnelProgram(name) !== undefined);
}

/** This host's route to everybody: destination and mask are nothing. */
function hasWayOut(): boolean {
  try {
    return /^\S+\t0{8}\t/m.test(readFileSync("/proc/self/net/route", "latin1"));
  } catch {
    return false;
  }
}

export interface TunnelUse {
  wish: TunnelWish;
  program: string;
  /** A file under which the container's network is mounted. */
  network: string;
  /** A descriptor of the container's process: its end is the end of slirp4netns, too. Without one it may be told of ports later. */
  process: number | undefined;
  /** Where slirp4netns is told of ports. */
  socket: string;
  ports: readonly PortWish[];
}

/** The program and its words. */
export function tunnelCommand(use: TunnelUse): string[] {
  return [use.program, ...(use.wish.name === "pasta" ? pastaWords(use) : slirpWords(use))];
}

function pastaWords({ wish, network, ports }: TunnelUse): string[] {
  const { address, prefix, gateway, nameServer } = TUNNEL_NETWORK;
  return [
    ...["--foreground", "--quiet", "--config-net", "--ns-ifname", "eth0"],
    ...(wish.reachesLoopback ? [] : ["--no-map-gw"]),
    ...["--address", address, "--netmask", String(prefix), "--gateway", gateway, "--dns-forward", nameServer],
    ...portWords("--tcp-ports", ports, "tcp"),
    ...portWords("--udp-ports", ports, "udp"),
    // What the host's own loopback offers, it would offer on the container's, too.
    ...["--tcp-ns", "none", "--udp-ns", "none"],
    ...["--netns", network],
  ];
}

function portWords(flag: string, ports: readonly PortWish[], protocol: PortWish["protocol"]): string[] {
  const asked = ports.filter((port) => port.protocol === protocol);
  return asked.length === 0 ? [flag, "none"] : asked.flatMap((port) => [flag, pastaPort(port)]);
}

/** Every address is the one that isn't named. */
function pastaPort({ hostAddress, hostPort, port }: PortWish): string {
  return `${hostAddress === EVERY.ip ? "" : `${hostAddress}/`}${hostPort}:${port}`;
}

function slirpWords({ wish, network, process, socket, ports }: TunnelUse): string[] {
  return [
    ...["--configure", "--mtu=65520", "--enable-sandbox", "--enable-seccomp"],
    ...(wish.reachesLoopback ? [] : ["--disable-host-loopback"]),
    ...(process === undefined ? [] : [`--exit-fd=${process}`]),
    ...(ports.length > 0 || process === undefined ? [`--api-socket=${socket}`] : []),
    ...["--netns-type=path", network, "eth0"],
  ];
}

/** What slirp4netns is told of one port on its socket; it answers with a line. */
export function slirpPortRequest({ protocol, hostAddress, hostPort, port }: PortWish): string {
  const place = { host_addr: hostAddress, host_port: hostPort, guest_addr: TUNNEL_NETWORK.address, guest_port: port };
  return JSON.stringify({ execute: "add_hostfwd", arguments: { proto: protocol, ...place } });
}
