// `run`: create, start, and stay with it; or, with -d, let it be.

import { ensureImage } from "../06-images/index.ts";
import { locked } from "../10-containers/container.ts";
import { createContainer } from "../10-containers/create.ts";
import type { Roots } from "../10-containers/folders.ts";
import { runInForeground } from "../10-containers/foreground.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { startContainer } from "../10-containers/start.ts";
import { CTRL_P_CTRL_Q, toOurOutput } from "./foreground.ts";
import { readRun, writeCidfile } from "./read-run.ts";
import { warn } from "./report.ts";
import type { RunCommand } from "./run-flags.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const command = readRun("run", argv);
  if (command === undefined) return 0;
  const image = await ensureImage(roots.root, command.image);
  const { record } = await createContainer(roots, image, command);
  writeCidfile(command, record.id);
  try {
    return command.detach ? await runDetached(roots, record.id) : await stay(roots, record.id, command);
  } catch (error) {
    if (command.remove) await removeContainer(roots, record.id, { force: true });
    throw error;
  }
}

async function runDetached(roots: Roots, id: string): Promise<number> {
  await locked(roots, id, (container) => startContainer(container, { onWarning: warn }));
  process.stdout.write(`${id}\n`);
  return 0;
}

async function stay(roots: Roots, id: string, command: RunCommand): Promise<number> {
  const code = await runInForeground(roots, id, {
    tty: command.tty,
    interactive: command.interactive,
    detachKeys: command.detachKeys.length > 0 ? command.detachKeys : CTRL_P_CTRL_Q,
    proxySignals: command.sigProxy,
    handlers: toOurOutput,
    start: { onWarning: warn },
  });
  return code ?? 0;
}
