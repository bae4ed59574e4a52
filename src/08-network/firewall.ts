// What packets may do on their way through this host, and who they seem to be from: nf_tables. All of ours is one table,
// which is written anew and put in the place of the old one in one transaction; nobody else's rules are touched. What
// stands here is what `nft list table ip mini-docker` shows, or `ip6` where a network has that, too.
//
//   enter            what is the host's own, 127.0.0.0/8, is not for who comes in by a link (CVE-2020-8558)
//   arrive, depart   who asks for a published port is sent on to the container (DNAT)
//   cross            from one link to another: in only as an answer, or by a published port
//   leave            out in the world nobody knows a container's address: it goes under the host's (masquerade)
//
// From container to container a packet crosses no link but its bridge, which asks nobody. With br_netfilter, which Docker and
// Kubernetes switch on, it comes by here all the same. All of it may pass, so `enter` spares it being remembered (notrack).
// Addresses are compared before names of links, which takes the kernel longer: every packet comes by here.

import { readFileSync, writeFileSync } from "node:fs";
import { randomBytes, SyscallError, UserError } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { type Chain, chainText, dropTable, getTable, putTable, TABLE } from "./chains.ts";
import {
  accept,
  address,
  drop,
  forThisHost,
  from,
  into,
  isAnswer,
  isSentOn,
  jump,
  masquerade,
  notFrom,
  notInto,
  notrack,
  notTo,
  type Part,
  port,
  sendTo,
} from "./expressions.ts";
import { EVERY, type Family, familyOf, type TableFamily } from "./family.ts";
import { dropLink } from "./folders.ts";
import { ask, NETLINK } from "./netlink.ts";
import type { Network } from "./networks.ts";
import type { Published } from "./ports.ts";

export interface Walled extends Pick<Network, "bridge" | "subnet" | "gateway" | "subnet6" | "gateway6" | "internal"> {
  ports: readonly Published[];
}

/**
 * Addresses of a link alone, which no router hands on (RFC 3927, 7). At 169.254.169.254 a machine that is rented learns its
 * own secrets, and so would whoever is in a container. Of IPv6 the kernel sees to that by itself.
 */
const LINK_LOCAL: Record<Family, string[]> = { ip: ["169.254.0.0/16"], ip6: [] };

/** What only the host itself may say it is. Of IPv6 the kernel sees to that by itself. */
const LOOPBACK: Record<Family, string[]> = { ip: ["127.0.0.0/8"], ip6: [] };

export function hasFamily({ subnet6 }: Walled, family: Family): boolean {
  return family === "ip" || subnet6 !== undefined;
}

/** What the table of one family is made of. */
export function chainsFor(networks: readonly Walled[], family: Family): Chain[] {
  const all = networks.flatMap((network) => network.ports);
  const ports = all.filter(({ hostAddress }) => familyOf(hostAddress) === family);
  const toPublished = [[forThisHost, jump("published")]];
  return [
    {
      name: "enter",
      hook: { type: "filter", at: "prerouting", priority: "raw" },
      rules: [
        ...LOOPBACK[family].map((loopback) => [address("daddr", loopback), notFrom("lo"), drop]),
        ...networks.map((network) => staying(network, family)),
      ],
    },
    { name: "published", rules: ports.map(sendingOn) },
    { name: "arrive", hook: { type: "nat", at: "prerouting", priority: "dstnat" }, rules: toPublished },
    { name: "depart", hook: { type: "nat", at: "output", priority: "-100" }, rules: toPublished },
    {
      name: "cross",
      hook: { type: "filter", at: "forward", priority: "filter" },
      rules: [
        ...networks.filter(({ internal }) => internal).flatMap(shut),
        [isAnswer, accept],
        ...networks.filter(({ internal }) => !internal).flatMap((network) => crossing(network, family)),
      ],
    },
    {
      name: "leave",
      hook: { type: "nat", at: "postrouting", priority: "srcnat" },
      rules: networks.flatMap((network) => leaving(network, family)),
    },
  ];
}

function sendingOn({ protocol, hostAddress, hostPort, address: target, port: number }: Published): Part[] {
  const only = hostAddress === EVERY[familyOf(hostAddress)] ? [] : [address("daddr", hostAddress)];
  return [...only, port(protocol, hostPort), sendTo(target, number)];
}

/** For somebody on the same bridge, and not for the host. */
function staying({ bridge, subnet: subnet4, gateway: gateway4, subnet6, gateway6 }: Walled, family: Family): Part[] {
  const [subnet, gateway] = family === "ip" ? [subnet4, gateway4] : [subnet6!, gateway6!];
  return [address("daddr", subnet), notTo(gateway), from(bridge), notrack];
}

function shut({ bridge }: Walled): Part[][] {
  return [
    [into(bridge), notFrom(bridge), drop],
    [from(bridge), notInto(bridge), drop],
  ];
}

function crossing({ bridge }: Walled, family: Family): Part[][] {
  return [
    [from(bridge), into(bridge), accept],
    ...LINK_LOCAL[family].map((near) => [from(bridge), address("daddr", near), drop]),
    [into(bridge), isSentOn, accept],
    [into(bridge), drop],
  ];
}

function leaving({ bridge, subnet: subnet4, subnet6, internal }: Walled, family: Family): Part[][] {
  if (internal) return [];
  const subnet = family === "ip" ? subnet4 : subnet6!;
  // Else the answer would go straight to who asked, and not back by the way the question came.
  const backHere = (source: string) => [into(bridge), address("saddr", source), isSentOn, masquerade];
  return [[address("saddr", subnet), notInto(bridge), masquerade], ...[...LOOPBACK[family], subnet].map(backHere)];
}

// ---- putting it in place

/** Puts it in the place of what was there; leaves it if it is there. Throws UserError if that can't be. */
export function replaceTable(state: string, family: Family, chains: readonly Chain[]): void {
  const text = chains.map(chainText).join("");
  const found = tableInPlace(family);
  if (found && isFrom(state, family, text, found)) return;
  // Whether it is still there is asked for by a mark that nobody else can have put there.
  const mark = randomBytes(8).toString("hex");
  try {
    putTable({ family, table: TABLE, chains, isNew: found === undefined, comment: mark });
  } catch (error) {
    throw error instanceof SyscallError ? refusal(error) : error;
  }
  makeFolder(state);
  // The rules are gone with the next boot, whether or not the note is; one half written is of other rules.
  writeFileSync(markFile(state, family), `${mark}\n${text}`, { mode: 0o600 });
}

function refusal(cause: SyscallError): UserError {
  const hint =
    "the kernel needs nf_tables with nft_nat, nft_masq, nft_ct and nft_fib_ipv4; --network none or host don't";
  return new UserError("the rules for packets can't be written", { hint, cause });
}

export function removeTable(state: string, family: TableFamily): void {
  if (family !== "netdev") dropLink(state, `${family}-rules`);
  if (tableInPlace(family)) dropTable(family, TABLE);
}

const markFile = (state: string, family: Family): string => `${state}/${family}-rules`;

/** Somebody may have flushed all rules, or have made a table of that name. */
function isFrom(state: string, family: Family, text: string, found: Buffer): boolean {
  const [mark = "", ...rest] = readOr("", markFile(state, family)).split("\n");
  return mark !== "" && rest.join("\n") === text && found.includes(mark);
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

/** What the kernel says of our table, comment and all. */
export function tableInPlace(family: TableFamily): Buffer | undefined {
  return ask(NETLINK.NETFILTER, getTable(family, TABLE));
}
