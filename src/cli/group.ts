// A group of verbs, such as `container`: the next word says which one is meant.

import { UserError } from "../01-syscalls/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import { callVerb } from "./call-verb.ts";
import { groupHelp } from "./show/help.ts";
import type { Verbs } from "./verbs.ts";

export async function callGroup(group: string, verbs: Verbs, argv: string[], roots: Roots): Promise<number> {
  const [name = "--help", ...args] = argv;
  const entry = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (entry) return callVerb(entry, args, roots);
  if (name === "--help" || name === "-h") {
    process.stdout.write(groupHelp(group, verbs));
    return 0;
  }
  throw new UserError(`unknown command: mini-docker ${group} ${name}`, { hint: `see 'mini-docker ${group} --help'` });
}
