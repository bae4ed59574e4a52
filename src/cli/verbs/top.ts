// `top`: what runs in a container, as ps sees it from the host.

import type { Roots } from "../../10-containers/folders.ts";
import { containerProcesses } from "../../10-containers/look/top.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";
import { table } from "../show/table.ts";

const NARROWEST = 20;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const line = { name: "top", operands: ["<container>", "[ps_options...]"], stopsAtOperand: true };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const [name = "", ...args] = words;
  const { titles, processes } = containerProcesses(await findSettled(roots, name), args);
  process.stdout.write(table(titles, processes, NARROWEST));
  return 0;
}
