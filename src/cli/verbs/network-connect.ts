// `network connect`: one more network for a container, also while it runs.

import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { connect } from "../../10-containers/network/change.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { ipv4, ipv6 } from "../flags/network-values.ts";

interface Asked {
  aliases: string[];
  address?: string;
  address6?: string;
}

const asking = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--alias", "strings", "Add network-scoped alias for the container", asking.many("aliases", (given) => given)],
    ["--ip", "ip", "IPv4 address (e.g., 172.30.100.104)", asking.one("address", ipv4)],
    ["--ip6", "ip", "IPv6 address (e.g., 2001:db8::33)", asking.one("address6", ipv6)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { aliases: [] };
  const summary = "Connect a container to a network";
  const operands = ["<network>", "<container>"];
  const words = readCommand({ name: "network connect", operands, flags: FLAGS, asked, summary }, argv);
  if (words === undefined) return 0;
  const [network = "", container = ""] = words;
  await connect(roots, findId(roots, container), { network, ...asked });
  return 0;
}
