// `security`: what a running container may do, in words.

import type { Roots } from "../../10-containers/folders.ts";
import { powersOf } from "../../10-containers/look/powers.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { formatObject } from "../show/format-object.ts";
import { securityLetter } from "../show/security-letter.ts";

interface Asked {
  format?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["-f, --format", "string", "'json' or a Go template", setters<Asked>().one("format", String)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  const names = readCommand({ name: "security", operands: ["<container>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const powers = powersOf(await findSettled(roots, names[0]!));
  const letter = () => securityLetter(powers, process.stdout).replace(/\n$/, "");
  process.stdout.write(`${formatObject(asked.format, powers, letter).replace(/\n$/, "")}\n`);
  return 0;
}
