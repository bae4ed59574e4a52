// `builder prune`: the layers of steps that no image has, and the folders of cache mounts.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneBuilds } from "../../12-build/prune.ts";
import { readCommand } from "../flags/command.ts";
import { setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { isConfirmed } from "../show/prune-pieces.ts";
import { humanSize } from "../show/units.ts";

interface Asked {
  all: boolean;
  force: boolean;
}

const prune = setters<Asked>();

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { all: false, force: false };
  const flags = [
    [
      "Options:",
      ["-a, --all", "", "Remove all unused build cache, which is what happens anyway", prune.one("all", boolean)],
      ["-f, --force", "", "Do not prompt for confirmation", prune.one("force", boolean)],
    ] as const,
  ];
  const summary = "Remove build cache";
  if (readCommand({ name: "builder prune", flags, asked, summary }, argv) === undefined) return 0;
  if (!(await isConfirmed("This will remove all build cache.", asked.force))) return 0;
  process.stdout.write(`Total reclaimed space: ${humanSize(pruneBuilds(roots))}\n`);
  return 0;
}
