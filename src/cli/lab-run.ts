// `run --with`: the same command in a lab, where modules of a student's own take the place of ours.

import { resolve } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { ensureImage } from "../06-images/index.ts";
import { createContainer } from "../10-containers/create.ts";
import type { Roots } from "../10-containers/folders.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { runInForeground } from "../10-containers/streams/foreground.ts";
import { lentImage, onceOptions } from "../course/lab.ts";
import type { RunCommand } from "./flags/run-flags.ts";
import type { StageModule } from "./flags/run-values.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutputOf } from "./foreground.ts";
import { imageFor } from "./make.ts";
import { warn } from "./output.ts";
import { tidied } from "./tidied.ts";

/** Runs `run argv` in a lab, and returns its exit code. Throws UserError where there can be none. */
export async function runInLab(roots: Roots, argv: string[], command: RunCommand): Promise<number> {
  refuse(command);
  await tidied(roots);
  requireTerminal(command);
  const { tty, interactive, modules } = command;
  const image = await imageFor(roots, command);
  const base = await ensureImage(roots.root, "base");
  const lent = image.id === base.id ? {} : { image: await lentImage(roots.root, image) };
  const folders = modules.map(({ path }) => resolve(path, ".."));
  const words = ["run", ...inLab(argv, command, command.image.startsWith("oci:") ? image.id : command.image)];
  const options = onceOptions({ folders, tty, interactive, ...lent, command: words });
  const { record } = await createContainer(roots, base, options);
  try {
    const how = { tty, interactive, detachKeys: CTRL_P_CTRL_Q, proxySignals: true, handlers: toOurOutputOf([]) };
    return (await runInForeground(roots, record.id, { ...how, start: { onWarning: warn } })) ?? 0;
  } catch (error) {
    await removeContainer(roots, record.id, { force: true }).catch(() => {});
    throw error;
  }
}

function refuse({ detach, record, mounts }: RunCommand): void {
  const hint = "--on-host does without the lab: your module runs where your machine is";
  if (detach) throw new UserError("a lab ends with its command: --detach can't be had in one", { hint });
  if (record !== undefined)
    throw new UserError("what is written in a lab is gone with it: no --record there", { hint });
  if (mounts.some(({ type }) => type === "bind")) throw new UserError("a lab sees no folders of the host's", { hint });
}

/** The command line as it has to be in there: modules by their whole paths, and no registry. */
function inLab(argv: string[], { modules, command }: RunCommand, image: string): string[] {
  const flags = argv.slice(0, argv.length - command.length - 1);
  return [
    ...flags.map((word, index) => withWholePath(word, flags[index - 1], modules)),
    "--pull",
    "never",
    image,
    ...command,
  ];
}

function withWholePath(word: string, before: string | undefined, modules: StageModule[]): string {
  const named = modules.find(({ stage, path }) => {
    const given = `${stage}=${path}`;
    return word === `--with=${given}` || (before === "--with" && word === given);
  });
  return named ? word.slice(0, word.length - named.path.length) + resolve(named.path) : word;
}
