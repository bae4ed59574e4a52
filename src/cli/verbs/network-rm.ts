// `network rm`: networks that no container is on.

import type { Roots } from "../../10-containers/folders.ts";
import { dropNetwork } from "../../10-containers/network/change.ts";
import { oneByOne } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";

interface Asked {
  force: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-f, --force", "", "Do not error if the network does not exist", setters<Asked>().one("force", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { force: false };
  const summary = "Remove one or more networks";
  const names = readCommand({ name: "network rm", operands: ["<network...>"], flags: FLAGS, asked, summary }, argv);
  if (names === undefined) return 0;
  return oneByOne(names, async (name) => {
    await dropNetwork(roots, name).catch((error: Error) => {
      if (!asked.force || !error.message.endsWith("not found")) throw error;
    });
    return name;
  });
}
