// `run --dry-run`: what would be asked of the kernel, and nothing is.

import { dryRun } from "../10-containers/explain/dry-run.ts";
import { History } from "../10-containers/explain/ran.ts";
import type { Roots } from "../10-containers/folders.ts";
import type { RunCommand } from "./flags/run-flags.ts";
import { warn, writeAll } from "./output.ts";
import { explanation } from "./show/explain.ts";
import { lookOf } from "./watch.ts";

export async function printDryRun(roots: Roots, command: RunCommand): Promise<number> {
  const { steps, warnings } = await dryRun(roots, command, !command.detach);
  warnings.forEach(warn);
  writeAll(1, Buffer.from(explanation(new History(steps).all, lookOf(process.stdout, command.lang))));
  return 0;
}
