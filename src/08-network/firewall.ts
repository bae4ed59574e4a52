// What packets may do on their way through this host, and who they seem to be from: nf_tables. All of ours is one table,
// which is written anew and put in the place of the old one in one transaction; nobody else's rules are touched. The text
// is nft(8)'s, so what stands here is what `nft list table ip mini-docker` shows.
//
//   arrive, depart   who asks for a published port is sent on to the container (DNAT)
//   cross            from one link to another: in only as an answer, or by a published port
//   leave            out in the world nobody knows a container's address: it goes under the host's (masquerade)
//   guard            what is the host's own, 127.0.0.0/8, is not for who comes in by a link (CVE-2020-8558)

import { readFileSync, rmSync } from "node:fs";
import { randomBytes, UserError } from "../01-syscalls/index.ts";
import { makeFolder, writeFileDurably } from "../06-images/index.ts";
import { ask, field, NETLINK } from "./netlink.ts";
import type { Network } from "./networks.ts";
import type { Published } from "./ports.ts";

export interface Walled extends Pick<Network, "bridge" | "subnet" | "internal"> {
  ports: readonly Published[];
}

/** The body of the table. */
export function rulesText(networks: readonly Walled[]): string {
  const ports = networks.flatMap((network) => network.ports);
  const lines = (each: (network: Walled) => string[]) => networks.flatMap(each).map((line) => `    ${line}\n`);
  return [
    "  chain guard {\n    type filter hook prerouting priority raw; policy accept;\n",
    '    iifname != "lo" ip daddr 127.0.0.0/8 drop\n  }\n',
    "  chain published {\n",
    ...ports.map((port) => `    ${sendOn(port)}\n`),
    "  }\n",
    "  chain arrive {\n    type nat hook prerouting priority dstnat; policy accept;\n",
    "    fib daddr type local jump published\n  }\n",
    "  chain depart {\n    type nat hook output priority -100; policy accept;\n",
    "    fib daddr type local jump published\n  }\n",
    "  chain cross {\n    type filter hook forward priority filter; policy accept;\n",
    ...lines(crossing),
    "  }\n",
    "  chain leave {\n    type nat hook postrouting priority srcnat; policy accept;\n",
    ...lines(leaving),
    "  }\n",
  ].join("");
}

function sendOn({ protocol, hostAddress, hostPort, address, port }: Published): string {
  const only = hostAddress === "0.0.0.0" ? "" : `ip daddr ${hostAddress} `;
  return `${only}${protocol} dport ${hostPort} dnat to ${address}:${port}`;
}

function crossing({ bridge, internal }: Walled): string[] {
  const comesIn = `oifname "${bridge}" iifname != "${bridge}"`;
  if (internal) return [`${comesIn} drop`, `iifname "${bridge}" oifname != "${bridge}" drop`];
  return [`${comesIn} ct state established,related accept`, `${comesIn} ct status dnat accept`, `${comesIn} drop`];
}

function leaving({ bridge, subnet, internal }: Walled): string[] {
  if (internal) return [];
  return [
    `ip saddr ${subnet} oifname != "${bridge}" masquerade`,
    // Else the answer would go straight to who asked, and not back by the way the question came.
    `oifname "${bridge}" ip saddr { 127.0.0.0/8, ${subnet} } ct status dnat masquerade`,
  ];
}

// ---- putting it in place

const TABLE = "mini-docker";

/** Puts it in the place of what was there; leaves it if it is there. Throws UserError if that can't be. */
export function replaceTable(state: string, body: string): void {
  if (isInPlace(state, body)) return;
  // Whether it is still there is asked for by a mark that nobody else can have put there.
  const mark = randomBytes(8).toString("hex");
  runNft(`table ip ${TABLE}\ndelete table ip ${TABLE}\ntable ip ${TABLE} {\n  comment "${mark}"\n${body}}\n`);
  makeFolder(state);
  writeFileDurably(markFile(state), `${mark}\n${body}`, state);
}

export function removeTable(state: string): void {
  rmSync(markFile(state), { force: true });
  if (tableInPlace()) runNft(`delete table ip ${TABLE}\n`);
}

const markFile = (state: string): string => `${state}/rules`;

/** Somebody may have flushed all rules. */
function isInPlace(state: string, body: string): boolean {
  const [mark = "", ...rest] = readOr("", markFile(state)).split("\n");
  return mark !== "" && rest.join("\n") === body && (tableInPlace()?.includes(mark) ?? false);
}

function readOr(otherwise: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

/** What the kernel says of our table, comment and all: NFT_MSG_GETTABLE, subsystem 10, message 1. */
function tableInPlace(): Buffer | undefined {
  const NFPROTO_IPV4 = 2;
  const head = [field("", "u8", NFPROTO_IPV4), field("", "u8", 0), field("", "u16", 0)];
  const attributes = [{ name: "NFTA_TABLE_NAME", type: 1, value: TABLE }];
  return ask(NETLINK.NETFILTER, { type: (10 << 8) | 1, head, attributes });
}

function runNft(input: string): void {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { error, status, stderr } = spawnSync("nft", ["-f", "-"], { input, encoding: "utf8" });
  if (status === 0) return;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new UserError("the rules for packets can't be written: there is no program nft", {
      hint: "install nftables, or use --network none or host",
    });
  }
  throw new UserError(`the rules for packets can't be written: ${error?.message ?? stderr.trim()}`);
}
