// `logout`: forgets who we are at a registry.

import type { Roots } from "../../10-containers/folders.ts";
import { logOut, registryName } from "../../11-registry/index.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], _roots: Roots): Promise<number> {
  const words = readCommand({ name: "logout", operands: ["[server]"] }, argv);
  if (words === undefined) return 0;
  const domain = registryName(words[0]);
  const wasKnown = await logOut(domain);
  process.stdout.write(wasKnown ? `Removing login credentials for ${domain}\n` : `Not logged in to ${domain}\n`);
  return 0;
}
