// `rm`: nothing of them is left.

import { UserError } from "../../01-syscalls/index.ts";
import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { ignoreGone } from "../../10-containers/stop.ts";
import { allAtOnce } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  force: boolean;
  link: boolean;
  volumes: boolean;
}

const rm = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-f, --force", "", "Force the removal of a running container (uses SIGKILL)", rm.one("force", boolean)],
    ["-l, --link", "", "Remove the specified link", rm.one("link", boolean)],
    ["-v, --volumes", "", "Remove anonymous volumes associated with the container", rm.one("volumes", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { force: false, link: false, volumes: false };
  const names = readCommand({ name: "rm", operands: ["<container...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  if (asked.link) throw new UserError("a container has no links here: nothing to remove");
  return allAtOnce(names, (name) => remove(roots, name, asked));
}

/** With --force one that isn't there is no failure: it is as gone as was wished. */
async function remove(roots: Roots, name: string, { force, volumes }: Asked): Promise<string | undefined> {
  try {
    await removeContainer(roots, findId(roots, name), { force, volumes });
    return name;
  } catch (error) {
    if (force) ignoreGone(error);
    else throw error;
    process.stderr.write(`No such container: ${name}\n`);
    return undefined;
  }
}
