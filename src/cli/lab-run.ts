// `run --with`: the same command in a lab, where modules of a student's own take the place of ours.

import { resolve } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { ensureImage, findEntry, nameOfEntry } from "../06-images/index.ts";
import { createContainer } from "../10-containers/create.ts";
import type { Roots } from "../10-containers/folders.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { runInForeground } from "../10-containers/streams/foreground.ts";
import { IMAGES, labOptions } from "../course/lab.ts";
import type { RunCommand } from "./flags/run-flags.ts";
import type { StageModule } from "./flags/run-values.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutputOf } from "./foreground.ts";
import { warn } from "./output.ts";

/** Runs `run argv` in a lab, and returns its exit code. Throws UserError where there can be none. */
export async function runInLab(roots: Roots, argv: string[], command: RunCommand): Promise<number> {
  refuse(command);
  requireTerminal(command);
  const { tty, interactive, modules } = command;
  const name = await nameInStore(roots.root, command.image);
  const image = await ensureImage(roots.root, "base");
  const folders = modules.map(({ path }) => resolve(path, ".."));
  const words = ["run", ...inLab(argv, command, `oci:${IMAGES}:${name}`)];
  const options = labOptions({ folders, images: `${roots.root}/images`, tty, interactive, command: words });
  const { record } = await createContainer(roots, image, options);
  try {
    const how = { tty, interactive, detachKeys: CTRL_P_CTRL_Q, proxySignals: true, handlers: toOurOutputOf([]) };
    return (await runInForeground(roots, record.id, { ...how, start: { onWarning: warn } })) ?? 0;
  } catch (error) {
    await removeContainer(roots, record.id, { force: true }).catch(() => {});
    throw error;
  }
}

function refuse({ detach, record, image }: RunCommand): void {
  const hint = "--on-host does without the lab: your module runs as root of this machine";
  if (process.getuid?.() !== 0) throw new UserError("a lab needs root", { hint });
  if (detach) throw new UserError("a lab ends with its command: --detach can't be had in one", { hint });
  if (record !== undefined)
    throw new UserError("what is written in a lab is gone with it: no --record there", { hint });
  if (image.startsWith("oci:")) throw new UserError(`${image} can't be seen in a lab`, { hint });
}

/** The command line as it has to be in there: modules by their whole paths, the image from the host's store. */
function inLab(argv: string[], { modules, command }: RunCommand, image: string): string[] {
  const flags = argv.slice(0, argv.length - command.length - 1);
  return [...flags.map((word) => withWholePath(word, modules)), image, ...command];
}

function withWholePath(word: string, modules: StageModule[]): string {
  const named = modules.find(({ stage, path }) => word === `${stage}=${path}` || word === `--with=${stage}=${path}`);
  return named ? word.replace(/=[^=]*$/, `=${resolve(named.path)}`) : word;
}

/** The name under which the store has the image. */
async function nameInStore(root: string, image: string): Promise<string> {
  await ensureImage(root, image);
  const entry = findEntry(root, image);
  const name = entry && nameOfEntry(entry);
  if (name === undefined) throw new UserError(`${image} has no name, so it can't be found in a lab`);
  return name;
}
