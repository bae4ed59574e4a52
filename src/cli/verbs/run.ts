// `run`: create, start, and stay with it; or, with -d, let it be.

import { isInitialUserNamespace } from "../../03-namespaces/index.ts";
import { type ContainerRecord, locked } from "../../10-containers/container.ts";
import { GivenUp, type Watch } from "../../10-containers/explain/watch.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { startContainer } from "../../10-containers/start.ts";
import { runInForeground } from "../../10-containers/streams/foreground.ts";
import { readRun } from "../flags/read-run.ts";
import type { RunCommand } from "../flags/run-flags.ts";
import { watchOf } from "../flags/watch-flags.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutputOf } from "../foreground.ts";
import { importModule } from "../import-module.ts";
import { makeContainer } from "../make.ts";
import { warn, writeAll } from "../output.ts";
import { tellUnheard } from "../unheard.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const command = await readRun("run", argv);
  if (command === undefined) return 0;
  const modules = await modulesOf(command);
  if (modules === "in a lab") return (await import("../lab-run.ts")).runInLab(roots, argv, command);
  if (command.dryRun) return (await import("../dry-run.ts")).printDryRun(roots, command);
  const watch = await watchOf(command, ["run", ...argv], command.image);
  if (!command.detach) requireTerminal(command);
  const { record } = await makeContainer(roots, command);
  try {
    return command.detach ? await runDetached(roots, record.id, watch) : await stay(roots, record, command, watch);
  } catch (error) {
    const isKept = !command.remove && !(error instanceof GivenUp);
    // Whatever becomes of that, what went wrong first is what is said.
    if (!isKept) await removeContainer(roots, record.id, { force: true }).catch(() => {});
    throw error;
  }
}

/** Stages of somebody's own take the place of ours here and now, or else in a lab, where they can hurt nobody. */
async function modulesOf({ modules, onHost }: RunCommand): Promise<"in place" | "in a lab"> {
  if (modules.length === 0) return "in place";
  if (!onHost && isInitialUserNamespace()) return "in a lab";
  await (await import("../../course/student-modules.ts")).useStudentModules(modules, importModule);
  return "in place";
}

async function runDetached(roots: Roots, id: string, watch: Watch): Promise<number> {
  await locked(roots, id, (container) => startContainer(container, { onWarning: warn, ...watch }));
  writeAll(1, `${id}\n`);
  return 0;
}

async function stay(roots: Roots, { id, name }: ContainerRecord, command: RunCommand, watch: Watch): Promise<number> {
  const { attach } = command;
  const hush = command.sigProxy && !command.tty ? tellUnheard(name) : () => {};
  const code = await runInForeground(roots, id, {
    tty: command.tty,
    interactive: command.interactive && (attach.length === 0 || attach.includes("stdin")),
    detachKeys: command.detachKeys.length > 0 ? command.detachKeys : CTRL_P_CTRL_Q,
    proxySignals: command.sigProxy,
    handlers: toOurOutputOf(attach),
    start: { onWarning: warn, ...watch },
  }).finally(hush);
  return code ?? 0;
}
