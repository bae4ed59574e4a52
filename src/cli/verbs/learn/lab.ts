// `learn lab`: a shell in the lab of this workshop; and the lab's end, when it is beyond repair.

import { UserError } from "../../../01-syscalls/index.ts";
import { findContainer } from "../../../10-containers/container.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { execInForeground } from "../../../10-containers/streams/attached-exec.ts";
import { closeLab, type Lab, type LabWish, openLab, resetLab } from "../../../course/lab.ts";
import { findWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { CTRL_P_CTRL_Q, toOurOutput } from "../../foreground.ts";
import { writeAll } from "../../output.ts";

const SUMMARY = `A shell in the lab: a little machine in which you are root, and nothing you do hurts yours.

  learn lab                a shell
  learn lab exec COMMAND…  a command
  learn lab reset          a new lab, as if nothing had happened
  learn lab close          no lab, until it is needed again

Your workshop is seen in there, and can't be written to: it outlives the lab.`;

type Deed = (roots: Roots, wish: LabWish, command: string[]) => Promise<number>;

const DEEDS: Record<string, Deed> = {
  exec: async (roots, wish, command) => enter(roots, await openLab(roots, wish), command),
  reset: async (roots, wish) => {
    const began = performance.now();
    const { name } = await resetLab(roots, wish);
    writeAll(1, `${name} is new, after ${Math.round(performance.now() - began)} ms\n`);
    return 0;
  },
  close: async (roots, wish) => {
    await closeLab(roots, wish);
    return 0;
  },
};

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const line = { name: "learn lab", operands: ["[deed]", "[command...]"], summary: SUMMARY, stopsAtOperand: true };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const [name = "exec", ...command] = words;
  const deed = DEEDS[name];
  if (!deed)
    throw new UserError(`learn lab can't ${name}`, {
      hint: "it can exec, reset and close, and is one for all lessons",
    });
  const workshop = findWorkshop();
  return deed(roots, workshop === undefined ? {} : { workshop }, command);
}

const SHELL = ["bash", "--norc"];

async function enter(roots: Roots, { name }: Lab, command: string[]): Promise<number> {
  const tty = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const options = {
    command: command.length > 0 ? command : SHELL,
    tty,
    interactive: true,
    env: [],
    privileged: false,
    detach: false,
  };
  const how = { tty, interactive: true, detachKeys: CTRL_P_CTRL_Q, proxySignals: !tty, handlers: toOurOutput };
  return (await execInForeground(findContainer(roots, name), options, how)) ?? 0;
}
