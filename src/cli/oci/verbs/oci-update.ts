// `update`: other limits for a container that is there.

import { readFileSync } from "node:fs";
import type { Resources } from "../../../04-cgroups/index.ts";
import { updateRuntimeContainer } from "../../../10-containers/runtime/change.ts";
import { parseJson } from "../../../10-containers/spec/bundle.ts";
import type { FlagGroup } from "../../flags/flags.ts";
import { bytesOrUnlimited, integer } from "../../flags/values.ts";
import type { Globals } from "../globals.ts";
import { readOciLine, word } from "../line.ts";
import { warner } from "../log.ts";

interface UpdateAsked {
  /** `-` is standard input. */
  file?: string;
  resources: Resources;
}

type Part = "cpu" | "memory" | "pids" | "blockIO";

/** One field of a part of `linux.resources`. */
function field<T>(part: Part, name: string, parse: (text: string) => T) {
  return ({ resources }: UpdateAsked, text: string) => {
    Object.assign(resources, { [part]: { ...resources[part], [name]: parse(text) } });
  };
}

const FLAGS: FlagGroup<UpdateAsked> = [
  "Options:",
  [
    "-r, --resources",
    "file",
    "All of them: linux.resources in a file, or -",
    (asked, text) => {
      asked.file = text;
    },
  ],
  ["--blkio-weight", "int", "Share of the disk, 10 to 1000", field("blockIO", "weight", integer)],
  ["--cpu-period", "int", "Microseconds in which the quota holds", field("cpu", "period", integer)],
  ["--cpu-quota", "int", "Microseconds of processor time in each period", field("cpu", "quota", integer)],
  ["--cpu-burst", "int", "Microseconds it may save up", field("cpu", "burst", integer)],
  ["--cpu-share", "int", "Share of the processor, against siblings", field("cpu", "shares", integer)],
  ["--cpu-rt-period", "int", "Microseconds in which the realtime quota holds", field("cpu", "realtimePeriod", integer)],
  ["--cpu-rt-runtime", "int", "Realtime in each period", field("cpu", "realtimeRuntime", integer)],
  ["--cpu-idle", "int", "1: only what nobody else wants", field("cpu", "idle", integer)],
  ["--cpuset-cpus", "list", "Processors it may run on", field("cpu", "cpus", word)],
  ["--cpuset-mems", "list", "Memory nodes it may take from", field("cpu", "mems", word)],
  ["--memory", "bytes", "Memory", field("memory", "limit", bytesOrUnlimited)],
  ["--memory-reservation", "bytes", "Memory it keeps longest", field("memory", "reservation", bytesOrUnlimited)],
  ["--memory-swap", "bytes", "Memory and swap together", field("memory", "swap", bytesOrUnlimited)],
  ["--pids-limit", "int", "Processes and threads", field("pids", "limit", integer)],
];

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const unasked = (): UpdateAsked => ({ resources: {} });
  const line = await readOciLine({ name: "update", flags: [FLAGS], unasked }, argv);
  if (!line) return 0;
  const { file, resources } = line.asked;
  const asked =
    file === undefined ? resources : (parseJson(readFileSync(file === "-" ? 0 : file, "utf8"), file) as Resources);
  await updateRuntimeContainer(globals.root, line.words[0]!, asked, warner(globals));
  return 0;
}
