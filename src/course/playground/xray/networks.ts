// Every network that a process of a container is in, and the cables between them, as the kernel tells: whoever made them,
// also in the lab. /proc/PID/net speaks of the network of that process; which link is at the other end of a cable, only
// sysfs says (`iflink`), where the container has one mounted. What a network is called, and its ports, the engine knows.
//
//   host  ── bridge ── veth1 ══ eth0 ── meter        a row for each cable, below its bridge

import { existsSync, readlinkSync, statfsSync } from "node:fs";
import { basename } from "node:path";
import { formatAddress6, parseAddress, parseSubnet, withBrackets } from "../../../08-network/index.ts";
import { readText } from "../../../10-containers/files.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { cabling, linkCounters } from "../../../10-containers/network/cabling.ts";
import { addressesIn, routesIn } from "../../grade/seen-network.ts";
import type { NetworkLink, NetworkPlace, World } from "../messages.ts";

/** A link with what it is found by: its number, and that of the link at its other end. */
interface Found extends NetworkLink {
  index?: number;
  otherIndex?: number;
}

interface Place extends Omit<NetworkPlace, "links"> {
  links: Found[];
  /** The network that its first process was started from. */
  outer: string | undefined;
}

export function networksOf(roots: Roots, worlds: World[]): NetworkPlace[] {
  const places = placesOf(worlds);
  for (const place of places) for (const link of place.links) connect(place, link, places);
  const host = places.find(({ names }) => names.includes("host"));
  if (host) tellWhatTheEngineKnows(roots, host.links);
  return places.map(({ id, names, links }) => ({ id, names, links: links.map(told) }));
}

function told({ index: _, otherIndex: __, ...link }: Found): NetworkLink {
  return link;
}

/** One for each network namespace, with the names of all who are in it. */
function placesOf(worlds: World[]): Place[] {
  const places = new Map<string, Place>();
  for (const { pid, name } of worlds) {
    const id = networkOf(pid);
    if (id === undefined) continue;
    const known = places.get(id);
    if (known) known.names.push(name);
    else places.set(id, { id, names: [name], links: linksOf(pid), outer: networkOf(parentOf(pid)) });
  }
  return [...places.values()];
}

function networkOf(pid: number): string | undefined {
  return linkTarget(`/proc/${pid}/ns/net`)?.replace(/\D/g, "");
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readText(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
}

// ---- one network

function linksOf(pid: number): Found[] {
  const counters = linkCounters(readText(`/proc/${pid}/net/dev`) ?? "");
  const addresses = addressesOf(pid);
  const numbers = numbersIn(readText(`/proc/${pid}/net/igmp`) ?? "");
  const folder = sysfsOf(pid);
  return [...counters].map(([name, counted]) => {
    const facts = folder === undefined ? UNTOLD : factsOf(`${folder}/${name}`);
    const index = facts.index ?? numbers.get(name);
    const kind = name === "lo" ? "loopback" : facts.kind;
    return {
      name,
      ...facts,
      kind,
      ...(index !== undefined && { index }),
      addresses: addresses.get(name) ?? [],
      ...counted,
    };
  });
}

type Facts = Pick<Found, "kind" | "bridge" | "index" | "otherIndex">;

/** What a container has is a cable's end. */
const UNTOLD: Facts = { kind: "cable" };

const SYSFS = 0x62656572;

/** Only the kernel's own files are believed, and read: a container could have put anything in their place. */
function sysfsOf(pid: number): string | undefined {
  const folder = `/proc/${pid}/root/sys/class/net`;
  try {
    return statfsSync(folder).type === SYSFS ? folder : undefined;
  } catch {
    return undefined;
  }
}

function factsOf(folder: string): Facts {
  const [index, otherIndex] = [numberIn(`${folder}/ifindex`), numberIn(`${folder}/iflink`)];
  const master = linkTarget(`${folder}/master`);
  return {
    kind: kindOf(folder),
    ...(master !== undefined && { bridge: basename(master) }),
    ...(index !== undefined && { index }),
    ...(otherIndex !== undefined && { otherIndex }),
  };
}

function kindOf(folder: string): NetworkLink["kind"] {
  if (existsSync(`${folder}/bridge`)) return "bridge";
  const isMadeUp = linkTarget(folder)?.includes("/virtual/");
  return isMadeUp && !existsSync(`${folder}/tun_flags`) ? "cable" : "card";
}

/** By link. An address of IPv4 is where its neighbours are; IPv6's have their link's name beside them. */
function addressesOf(pid: number): Map<string, string[]> {
  const routes = routesIn(readText(`/proc/${pid}/net/route`) ?? "").filter(({ via }) => via === undefined);
  const four = addressesIn(readText(`/proc/${pid}/net/fib_trie`) ?? "").flatMap((address) => {
    const near = routes.find(({ to }) => isWithin(address, to));
    return near ? [[near.link, `${address}/${near.to.split("/")[1]}`] as const] : [];
  });
  const found = new Map<string, string[]>();
  for (const [link, address] of [...four, ...addresses6In(readText(`/proc/${pid}/net/if_inet6`) ?? "")])
    found.set(link, [...(found.get(link) ?? []), address]);
  return found;
}

function isWithin(address: string, subnet: string): boolean {
  const { base, prefix } = parseSubnet(subnet);
  return prefix > 0 && (parseAddress(address)! ^ base) >>> (32 - prefix) === 0;
}

const LINK_SCOPE = "20";

/** Of if_inet6: address, number of the link, bits, scope, flags, link. One that leads only to its link says nothing. */
export function addresses6In(text: string): [link: string, address: string][] {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return lines
    .filter(({ length, 3: scope }) => length === 6 && scope !== LINK_SCOPE)
    .map(([hex = "", , bits = "", , , link = ""]) => {
      return [link, `${formatAddress6(Buffer.from(hex, "hex"))}/${Number.parseInt(bits, 16)}`];
    });
}

/** Of igmp, which has a line for each link that has IPv4: `2	eth0      :     1      V3`. */
function numbersIn(text: string): Map<string, number> {
  const lines = [...text.matchAll(/^(\d+)\s+(\S+)/gm)];
  return new Map(lines.map(([, index, name]) => [name!, Number(index)]));
}

// ---- cables

/** Each end has the other's number. Where one of them doesn't tell, only one may fit. */
function connect(place: Place, link: Found, places: Place[]): void {
  if (link.kind !== "cable") return;
  const others = places.filter((other) => isBeside(place, other)).flatMap((other) => fitting(link, other));
  const sure = others.filter(({ isSure }) => isSure);
  const [only, second] = sure.length > 0 ? sure : others;
  if (only && !second) link.other = { network: only.network, link: only.link };
}

/** Numbers are a network's own, and in another one by chance the same: a cable goes to where the container was begun. */
function isBeside(one: Place, other: Place): boolean {
  return one.outer === other.id || other.outer === one.id;
}

function fitting({ index, otherIndex }: Found, { id, links }: Place) {
  const isTheOther = (end: Found) =>
    (otherIndex === undefined || otherIndex === end.index) &&
    (end.otherIndex === undefined || end.otherIndex === index);
  const isSure = (end: Found) => otherIndex !== undefined && end.otherIndex !== undefined;
  const ends = links.filter((end) => end.kind === "cable" && isTheOther(end));
  return ends.map((end) => ({ network: id, link: end.name, isSure: isSure(end) }));
}

// ---- what only the engine knows

function tellWhatTheEngineKnows(roots: Roots, links: Found[]): void {
  const { networks } = cabling(roots);
  for (const { name, bridge, internal, cables } of networks) {
    const own = links.find((link) => link.name === bridge);
    if (own) own.about = { network: name, internal };
    for (const { link, ports } of cables) {
      const end = links.find((each) => each.name === link);
      if (end && ports.length > 0)
        end.ports = ports.map(
          ({ hostAddress, hostPort, port, protocol }) =>
            `${withBrackets(hostAddress)}:${hostPort} → ${port}/${protocol}`,
        );
    }
  }
}

// ---- files

function numberIn(path: string): number | undefined {
  const number = Number.parseInt(readText(path) ?? "", 10);
  return Number.isNaN(number) ? undefined : number;
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
