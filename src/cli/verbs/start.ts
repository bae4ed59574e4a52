// `start`: containers that exist run again; with -a or -i one of them does so here.

import { UserError } from "../../01-syscalls/index.ts";
import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { startExisting } from "../../10-containers/restart.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { attachInForeground, runInForeground } from "../../10-containers/streams/foreground.ts";
import { oneByOne } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { detachKeys } from "../flags/run-values.ts";
import { boolean } from "../flags/values.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutput } from "../foreground.ts";
import { warn } from "../output.ts";

interface Asked {
  attach: boolean;
  interactive: boolean;
  detachKeys: number[];
}

const start = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --attach", "", "Attach STDOUT/STDERR and forward signals", start.one("attach", boolean)],
    ["--detach-keys", "string", "Keys to leave by (ctrl-p,ctrl-q)", start.one("detachKeys", detachKeys)],
    ["-i, --interactive", "", "Attach container's STDIN", start.one("interactive", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { attach: false, interactive: false, detachKeys: CTRL_P_CTRL_Q };
  const names = readCommand({ name: "start", operands: ["<container...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  if (asked.attach || asked.interactive) return startHere(roots, names, asked);
  return oneByOne(names, async (name) => {
    await startExisting(roots, findId(roots, name), { onWarning: warn });
    return name;
  });
}

async function startHere(roots: Roots, names: string[], asked: Asked): Promise<number> {
  if (names.length > 1) throw new UserError("you cannot start and attach multiple containers at once");
  let code: number | undefined;
  const failed = await oneByOne(names, async (name) => {
    code = await stay(roots, name, asked);
    return undefined;
  });
  return failed || (code ?? 0);
}

async function stay(roots: Roots, name: string, asked: Asked): Promise<number | undefined> {
  const container = await findSettled(roots, name);
  const { id, options } = container.record;
  const lending = { tty: options.tty, interactive: options.interactive && asked.interactive };
  const how = { ...lending, detachKeys: asked.detachKeys, proxySignals: true, handlers: toOurOutput };
  requireTerminal(lending);
  if (container.state.status === "running") return attachInForeground(container, how);
  return runInForeground(roots, id, { ...how, start: { onWarning: warn } });
}
