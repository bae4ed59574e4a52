// `create`: everything of `run` but the running.

import type { Roots } from "../../10-containers/folders.ts";
import { readRun } from "../flags/read-run.ts";
import { makeContainer } from "../make.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const command = await readRun("create", argv);
  if (command === undefined) return 0;
  const { record } = await makeContainer(roots, command);
  process.stdout.write(`${record.id}\n`);
  return 0;
}
