// `rmi`: a name less, and without its last name the image itself.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeImageNamed } from "../../10-containers/images.ts";
import { oneByOne } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  force: boolean;
  noPrune: boolean;
}

const rmi = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-f, --force", "", "Force removal of the image", rmi.one("force", boolean)],
    ["--no-prune", "", "Do not delete untagged parents: there are none", rmi.one("noPrune", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { force: false, noPrune: false };
  const names = readCommand({ name: "rmi", operands: ["<image...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  return oneByOne(names, async (name) => remove(roots, name, asked.force));
}

/** With --force one that isn't there is no failure: it is as gone as was wished. */
function remove(roots: Roots, name: string, force: boolean): string | undefined {
  try {
    const { untagged, deleted } = removeImageNamed(roots, name, force);
    return [...untagged.map((tag) => `Untagged: ${tag}`), ...deleted.map((digest) => `Deleted: ${digest}`)].join("\n");
  } catch (error) {
    const isGone = error instanceof UserError && error.message.startsWith("No such image");
    if (!force || !isGone) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
