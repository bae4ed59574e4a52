// oom_score_adj: who dies first when memory runs out, from -1000 (never) to 1000. Anybody may offer themselves; only
// CAP_SYS_RESOURCE may ask to be spared. See proc_pid_oom_score_adj(5).

import { readFileSync } from "node:fs";
import { type Step, writeFileSteps } from "../01-syscalls/index.ts";
import { holdsOnHost } from "./capabilities.ts";

/** Where the kernel refuses to spare the process, it keeps the score it has. */
export function oomScoreSteps(score?: number): Step[] {
  if (score === undefined) return [];
  const why = "how early it is killed when memory runs out";
  return writeFileSteps({ path: "/proc/self/oom_score_adj", data: `${score}`, as: "oom", why, allow: ["EACCES"] });
}

/** The score as this process can give it: below its own with CAP_SYS_RESOURCE only. */
export function grantableOomScore(
  wanted: number,
  own = Number(readFileSync("/proc/self/oom_score_adj", "latin1")),
  canLower = holdsOnHost("CAP_SYS_RESOURCE"),
): { granted: number; warnings: string[] } {
  if (wanted >= own || canLower) return { granted: wanted, warnings: [] };
  return { granted: own, warnings: [`oom_score_adj is ${own}: it can't be lowered without CAP_SYS_RESOURCE`] };
}
