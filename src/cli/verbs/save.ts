// `save`: images as one archive, for another machine.

import type { Roots } from "../../10-containers/folders.ts";
import { saveImagesTo } from "../../10-containers/images.ts";
import { toArchive } from "../archive-output.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";

interface Asked extends PlatformAsked {
  output?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-o, --output", "string", "Write to a file, instead of STDOUT", setters<Asked>().one("output", (text) => text)],
    platformFlag("Save only the given platform variant"),
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  const names = readCommand({ name: "save", operands: ["<image...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const { output, platform } = asked;
  await toArchive(output, (write) => saveImagesTo(roots, names, write, { platform }));
  return 0;
}
