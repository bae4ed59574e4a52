// `load`: images out of an archive, or an OCI layout's folder.

import { UserError } from "../../01-syscalls/index.ts";
import { familiarName, type LoadedImage } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { loadImages } from "../../10-containers/images.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";
import { boolean } from "../flags/values.ts";

interface Asked extends PlatformAsked {
  input?: string;
  quiet: boolean;
}

const load = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-i, --input", "string", "Read from tar archive file, instead of STDIN", load.one("input", (text) => text)],
    platformFlag("Load only the given platform variant"),
    ["-q, --quiet", "", "Suppress the load output", load.one("quiet", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { quiet: false };
  if (readCommand({ name: "load", flags: FLAGS, asked }, argv) === undefined) return 0;
  if (!asked.input && process.stdin.isTTY) throw new UserError("requested load from stdin, but stdin is empty");
  const loaded = await loadImages(roots, asked.input || process.stdin, asked);
  process.stdout.write(loaded.map(line).join(""));
  return 0;
}

function line({ name, id, digest }: LoadedImage): string {
  return name === undefined ? `Loaded image ID: ${id ?? digest}\n` : `Loaded image: ${familiarName(name)}\n`;
}
