// `network create`: a name, and addresses that nobody else has.

import { UserError } from "../../01-syscalls/index.ts";
import { familyOf, type NetworkWish } from "../../08-network/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { makeNetwork } from "../../10-containers/network/change.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { label, splitPair } from "../flags/key-values.ts";
import { boolean } from "../flags/values.ts";

interface Asked extends NetworkWish {
  driver: string;
  labels: Record<string, string>;
  options: Record<string, string>;
}

const create = setters<Asked>();
const text = (given: string): string => given;

/** One more pair of a record. */
function pair(field: "labels" | "options", parse: (given: string) => [string, string]) {
  return (asked: Asked, given: string) => {
    const [key, value] = parse(given);
    asked[field] = { ...asked[field], [key]: value };
  };
}

/** One of each family. */
function subnet(asked: Asked, given: string): void {
  if (familyOf(given) === "ip6") asked.subnet6 = given;
  else asked.subnet = given;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-d, --driver", "string", 'Driver to manage the network (default "bridge")', create.one("driver", text)],
    ["--gateway", "ipSlice", "IPv4 gateway for the master subnet", create.one("gateway", text)],
    ["--internal", "", "Restrict external access to the network", create.one("internal", boolean)],
    ["--ip-range", "ipNetSlice", "Allocate container ip from a sub-range", create.one("ipRange", text)],
    ["--ipv6", "", "Give containers IPv6 addresses, too", create.one("ipv6", boolean)],
    ["--label", "list", "Set metadata on a network", pair("labels", label)],
    [
      "-o, --opt",
      "map",
      "Set driver specific options (com.docker.network.bridge.name, mini-docker.guard)",
      pair("options", splitPair),
    ],
    ["--subnet", "ipNetSlice", "Subnet in CIDR format that represents a network segment", subnet],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { name: "", driver: "bridge", labels: {}, options: {} };
  const summary = "Create a network";
  const words = readCommand({ name: "network create", operands: ["<network>"], flags: FLAGS, asked, summary }, argv);
  if (words === undefined) return 0;
  const { driver, ...wish } = asked;
  if (driver !== "bridge") throw new UserError(`could not find plugin ${driver}: the only driver is bridge`);
  process.stdout.write(`${makeNetwork(roots, { ...wish, name: words[0]! })}\n`);
  return 0;
}
