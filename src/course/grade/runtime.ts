// A runtime is any command line that can `run ROOTFS COMMAND…`: ours, or a program that somebody has written in any
// language. Of what it prints nothing is believed, but the list of its calls, where it tells one, is shown to the student.

import { CALLS } from "./calls.ts";
import type { SeenCall } from "./seen.ts";

export interface Runtime {
  /** What it is called in a report. */
  name: string;
  /** The words before ROOTFS. */
  argv: string[];
}

/** A program of somebody's: `./mine run ROOTFS COMMAND…`. */
export function foreignRuntime(path: string): Runtime {
  return { name: path, argv: [path, "run"] };
}

/** `learn try` with a student's module, or with none. `engine` are the words that call this very program. */
export function triedRuntime(engine: string[], lesson: string, module?: { stage: string; path: string }): Runtime {
  const using = module ? ["--with", `${module.stage}=${module.path}`] : [];
  return { name: module?.path ?? "learn try", argv: [...engine, "learn", "try", lesson, ...using, "--calls", "-"] };
}

/** What it printed, apart from the line of its calls. */
export function told(printed: string): { calls?: SeenCall[]; error?: string; printed: string } {
  const lines = printed.split("\n");
  const at = lines.findLastIndex((line) => line.startsWith(CALLS));
  if (at < 0) return { printed };
  try {
    const { calls, error } = JSON.parse(lines[at]!) as { calls: SeenCall[]; error?: string };
    return { calls, ...(error !== undefined && { error }), printed: lines.toSpliced(at, 1).join("\n") };
  } catch {
    return { printed };
  }
}
