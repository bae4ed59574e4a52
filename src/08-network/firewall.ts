// What packets may do on their way through this host, and who they seem to be from: nf_tables. All of ours is one table,
// which is written anew and put in the place of the old one in one transaction; nobody else's rules are touched. What
// stands here is what `nft list table ip mini-docker` shows.
//
//   arrive, depart   who asks for a published port is sent on to the container (DNAT)
//   cross            from one link to another: in only as an answer, or by a published port
//   leave            out in the world nobody knows a container's address: it goes under the host's (masquerade)
//   guard            what is the host's own, 127.0.0.0/8, is not for who comes in by a link (CVE-2020-8558)

import { readFileSync, rmSync } from "node:fs";
import { randomBytes, SyscallError, UserError } from "../01-syscalls/index.ts";
import { makeFolder, writeFileDurably } from "../06-images/index.ts";
import { type Chain, chainText, dropTable, getTable, putTable } from "./chains.ts";
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
  type Part,
  port,
  sendTo,
} from "./expressions.ts";
import { ask, NETLINK } from "./netlink.ts";
import type { Network } from "./networks.ts";
import type { Published } from "./ports.ts";

export interface Walled extends Pick<Network, "bridge" | "subnet" | "internal"> {
  ports: readonly Published[];
}

const LOOPBACK = "127.0.0.0/8";

/** What the table is made of. */
export function chainsFor(networks: readonly Walled[]): Chain[] {
  const ports = networks.flatMap((network) => network.ports);
  const toPublished = [[forThisHost, jump("published")]];
  return [
    {
      name: "guard",
      hook: { type: "filter", at: "prerouting", priority: "raw" },
      rules: [[notFrom("lo"), address("daddr", LOOPBACK), drop]],
    },
    { name: "published", rules: ports.map(sendingOn) },
    { name: "arrive", hook: { type: "nat", at: "prerouting", priority: "dstnat" }, rules: toPublished },
    { name: "depart", hook: { type: "nat", at: "output", priority: "-100" }, rules: toPublished },
    {
      name: "cross",
      hook: { type: "filter", at: "forward", priority: "filter" },
      rules: networks.flatMap(crossing),
    },
    { name: "leave", hook: { type: "nat", at: "postrouting", priority: "srcnat" }, rules: networks.flatMap(leaving) },
  ];
}

function sendingOn({ protocol, hostAddress, hostPort, address: target, port: number }: Published): Part[] {
  const only = hostAddress === "0.0.0.0" ? [] : [address("daddr", hostAddress)];
  return [...only, port(protocol, hostPort), sendTo(target, number)];
}

function crossing({ bridge, internal }: Walled): Part[][] {
  const comesIn = [into(bridge), notFrom(bridge)];
  const goesOut = [from(bridge), notInto(bridge)];
  const allowed = [isAnswer, isSentOn].map((reason) => [...comesIn, reason, accept]);
  return internal
    ? [
        [...comesIn, drop],
        [...goesOut, drop],
      ]
    : [...allowed, [...comesIn, drop]];
}

function leaving({ bridge, subnet, internal }: Walled): Part[][] {
  if (internal) return [];
  // Else the answer would go straight to who asked, and not back by the way the question came.
  const backHere = (source: string) => [into(bridge), address("saddr", source), isSentOn, masquerade];
  return [[address("saddr", subnet), notInto(bridge), masquerade], backHere(LOOPBACK), backHere(subnet)];
}

// ---- putting it in place

const TABLE = "mini-docker";

/** Puts it in the place of what was there; leaves it if it is there. Throws UserError if that can't be. */
export function replaceTable(state: string, chains: readonly Chain[]): void {
  const text = chains.map(chainText).join("");
  if (isInPlace(state, text)) return;
  // Whether it is still there is asked for by a mark that nobody else can have put there.
  const mark = randomBytes(8).toString("hex");
  try {
    putTable(TABLE, mark, chains);
  } catch (error) {
    throw error instanceof SyscallError ? refusal(error) : error;
  }
  makeFolder(state);
  writeFileDurably(markFile(state), `${mark}\n${text}`, state);
}

function refusal(cause: SyscallError): UserError {
  const hint =
    "the kernel needs nf_tables with nft_nat, nft_masq, nft_ct and nft_fib_ipv4; --network none or host don't";
  return new UserError("the rules for packets can't be written", { hint, cause });
}

export function removeTable(state: string): void {
  rmSync(markFile(state), { force: true });
  if (tableInPlace()) dropTable(TABLE);
}

const markFile = (state: string): string => `${state}/rules`;

/** Somebody may have flushed all rules. */
function isInPlace(state: string, text: string): boolean {
  const [mark = "", ...rest] = readOr("", markFile(state)).split("\n");
  return mark !== "" && rest.join("\n") === text && (tableInPlace()?.includes(mark) ?? false);
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

/** What the kernel says of our table, comment and all. */
function tableInPlace(): Buffer | undefined {
  return ask(NETLINK.NETFILTER, getTable(TABLE));
}
