// `network disconnect`: a network less for a container, also while it runs.

import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { disconnect } from "../../10-containers/network/change.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  force: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-f, --force", "", "Force the container to disconnect: it always is", setters<Asked>().one("force", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { force: false };
  const summary = "Disconnect a container from a network";
  const operands = ["<network>", "<container>"];
  const words = readCommand({ name: "network disconnect", operands, flags: FLAGS, asked, summary }, argv);
  if (words === undefined) return 0;
  const [network = "", container = ""] = words;
  await disconnect(roots, findId(roots, container), network);
  return 0;
}
