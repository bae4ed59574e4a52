// `kill`: a signal, SIGKILL unless said, to the first process of each.

import type { Roots } from "../../10-containers/folders.ts";
import { parseSignal } from "../../10-containers/signals.ts";
import { killContainer } from "../../10-containers/stop.ts";
import { eachContainer } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";

interface Asked {
  signal: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-s, --signal", "string", "Signal to send", setters<Asked>().one("signal", (text) => text)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { signal: "KILL" };
  const names = readCommand({ name: "kill", operands: ["<container...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const signal = parseSignal(asked.signal);
  return eachContainer(names, roots, (id) => killContainer(roots, id, signal));
}
