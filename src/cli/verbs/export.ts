// `export`: a container's files as an archive, which `import` makes an image of.

import { exportContainer } from "../../10-containers/export.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { toArchive } from "../archive-output.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";

interface Asked {
  output?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-o, --output", "string", "Write to a file, instead of STDOUT", setters<Asked>().one("output", (text) => text)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  const names = readCommand({ name: "export", operands: ["<container>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  await toArchive(asked.output, (write) => exportContainer(roots, names[0]!, write));
  return 0;
}
