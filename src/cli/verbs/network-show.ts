// `network show`: what is plugged into what, and how many packets went through.

import type { Roots } from "../../10-containers/folders.ts";
import { cabling } from "../../10-containers/network/cabling.ts";
import { allContainers } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";
import { cablingLines } from "../show/cabling-lines.ts";
import { colours } from "../show/colours.ts";
import { report } from "../show/report.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const summary = "Draw the cables: bridges, containers, addresses, ports, packets";
  if (readCommand({ name: "network show", summary }, argv) === undefined) return 0;
  // Who has ended is pulled out first.
  await allContainers(roots, (error) => report(error, 1));
  for (const line of cablingLines(cabling(roots), colours(process.stdout))) process.stdout.write(`${line}\n`);
  return 0;
}
