// `volume rm`: the end of what is in a volume, and nothing else is.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeVolumeNamed } from "../../10-containers/volumes/volumes.ts";
import { oneByOne } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  force: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-f, --force", "", "One that isn't there is no failure", setters<Asked>().one("force", boolean)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { force: false };
  const summary = "Remove one or more volumes";
  const names = readCommand({ name: "volume rm", operands: ["<volume...>"], flags: FLAGS, asked, summary }, argv);
  if (names === undefined) return 0;
  return oneByOne(names, (name) => remove(roots, name, asked.force));
}

/** With --force Docker prints the name also of one that wasn't there. */
async function remove(roots: Roots, name: string, force: boolean): Promise<string> {
  try {
    await removeVolumeNamed(roots, name);
  } catch (error) {
    const isGone = error instanceof UserError && error.message.endsWith("no such volume");
    if (!force || !isGone) throw error;
  }
  return name;
}
