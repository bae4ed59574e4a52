// `internal walk`: what `run` would start, call by call, for whoever holds our input and reads our output. The container
// lives until they let go.

import { locked } from "../10-containers/container.ts";
import type { Roots } from "../10-containers/folders.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { startContainer } from "../10-containers/start.ts";
import { readByte, walkWatch } from "../course/playground/walk.ts";
import { readRun } from "./flags/read-run.ts";
import { makeContainer } from "./make.ts";

export async function walkRun(roots: Roots, argv: string[]): Promise<number> {
  const command = await readRun("run", argv);
  if (command === undefined) return 0;
  const { record } = await makeContainer(roots, command);
  try {
    await locked(roots, record.id, (container) => startContainer(container, walkWatch(["run", ...argv])));
    while (readByte() !== "");
    return 0;
  } finally {
    await removeContainer(roots, record.id, { force: true }).catch(() => {});
  }
}
