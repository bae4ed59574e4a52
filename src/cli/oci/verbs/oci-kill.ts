// `kill`: a signal, to the container's process or to all that is in its groups.

import { killRuntimeContainer } from "../../../10-containers/runtime/kill.ts";
import { parseSignal } from "../../../10-containers/signals.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

interface KillAsked {
  all: boolean;
}

const kill = setters<KillAsked>();

const FLAGS: FlagGroup<KillAsked> = [
  "Options:",
  ["-a, --all", "", "To all processes of the container", kill.one("all", boolean)],
];

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const operands = ["<id>", "[signal]"];
  const line = await readOciLine({ name: "kill", flags: [FLAGS], operands, unasked: () => ({ all: false }) }, argv);
  if (!line) return 0;
  // Some say what is meant behind it.
  const words = line.words.filter((word) => word !== "--all" && word !== "-a");
  const all = line.asked.all || words.length < line.words.length;
  await killRuntimeContainer(globals.root, words[0]!, parseSignal(words[1] ?? "SIGTERM"), all);
  return 0;
}
