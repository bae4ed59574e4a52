// `spec`: writes a config.json to begin from.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import { templateSpec } from "../../../10-containers/runtime/template.ts";
import { specText } from "../../../10-containers/spec/oci.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import type { Globals } from "../globals.ts";
import { readOciLine, word } from "../line.ts";

interface SpecAsked {
  bundle: string;
  rootless: boolean;
}

const spec = setters<SpecAsked>();

const FLAGS: FlagGroup<SpecAsked> = [
  "Options:",
  ["-b, --bundle", "dir", "The bundle's directory (the current one)", spec.one("bundle", word)],
  ["--rootless", "", "For an ordinary user", spec.one("rootless", boolean)],
];

export async function verb(argv: string[], _globals: Globals): Promise<number> {
  const unasked = (): SpecAsked => ({ bundle: ".", rootless: process.getuid!() !== 0 });
  const line = await readOciLine({ name: "spec", flags: [FLAGS], operands: [], unasked }, argv);
  if (!line) return 0;
  const path = join(line.asked.bundle, "config.json");
  if (existsSync(path)) throw new UserError(`${path} exists already`);
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  // Whoever is root and wants one for others: the first ordinary user there mostly is.
  const owner = line.asked.rootless ? { uid: uid || 1000, gid: gid || 1000 } : { uid: 0, gid: 0 };
  writeFileSync(path, specText(templateSpec(owner)), { mode: 0o644 });
  return 0;
}
