// `ps`: the processes of a container, as ps(1) lists them, or their numbers.

import { spawnSync } from "node:child_process";
import { UserError } from "../../../01-syscalls/index.ts";
import { groupPids } from "../../../04-cgroups/index.ts";
import { readContainer } from "../../../10-containers/runtime/runtime-container.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { writeAll } from "../../output.ts";
import { tableOrJson } from "../formats.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

interface PsAsked {
  format: "table" | "json";
}

const ps = setters<PsAsked>();

const FLAGS: FlagGroup<PsAsked> = [
  "Options:",
  ["-f, --format", "string", "table or json", ps.one("format", tableOrJson)],
];

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const unasked = (): PsAsked => ({ format: "table" });
  const line = await readOciLine({ name: "ps", flags: [FLAGS], operands: ["<id>", "[ps options...]"], unasked }, argv);
  if (!line) return 0;
  const [id = "", ...options] = line.words;
  const pids = groupPids(readContainer(globals.root, id).group);
  if (line.asked.format === "json") writeAll(1, `${JSON.stringify(pids)}\n`);
  else writeAll(1, tableOf(pids, options.length > 0 ? options : ["-ef"]));
  return 0;
}

/** Its own table with the lines of others left out. Throws UserError if it has no column for the number. */
function tableOf(pids: number[], options: string[]): string {
  const { stdout, stderr, error } = spawnSync("ps", options, { encoding: "utf8" });
  const [heading = "", ...rows] = (stdout ?? "").trimEnd().split("\n");
  const column = heading.trim().split(/\s+/).indexOf("PID");
  if (error || column < 0) throw new UserError(`ps can't list them: ${error?.message ?? (stderr || "no PID column")}`);
  const own = rows.filter((row) => pids.includes(Number(row.trim().split(/\s+/)[column])));
  return `${[heading, ...own].join("\n")}\n`;
}
