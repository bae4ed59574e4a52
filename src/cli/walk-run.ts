// `internal walk`: what `run` would start, call by call, for whoever holds our input and reads our output. The container
// lives until they let go.

import { UserError } from "../01-syscalls/index.ts";
import { locked } from "../10-containers/container.ts";
import type { Roots } from "../10-containers/folders.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { startContainer } from "../10-containers/start.ts";
import { ourMark } from "../course/ours.ts";
import { readByte, walkWatch } from "../course/playground/walk.ts";
import { readRun } from "./flags/read-run.ts";
import type { RunCommand } from "./flags/run-flags.ts";
import { makeContainer } from "./make.ts";

export async function walkRun(roots: Roots, argv: string[]): Promise<number> {
  const command = await readRun("run", argv);
  if (command === undefined) return 0;
  refuse(command);
  const labels = { ...command.labels, ...ourMark() };
  const { record } = await makeContainer(roots, { ...command, labels });
  try {
    await locked(roots, record.id, (container) => startContainer(container, walkWatch(["run", ...argv])));
    while (readByte() !== "");
    return 0;
  } finally {
    await removeContainer(roots, record.id, { force: true }).catch(() => {});
  }
}

/** What was asked for and isn't done would be a lie about what is shown. Throws UserError. */
function refuse({ modules, detach, record }: RunCommand): void {
  const flag = modules.length > 0 ? "--with" : detach ? "--detach" : record === undefined ? undefined : "--record";
  if (flag !== undefined) throw new UserError(`${flag} can't be had in a run that is walked through`);
}
