// The calls of a run that somebody watched, as they are told to whoever grades it.

import { errnoName } from "../../01-syscalls/index.ts";
import { historyWatch, type Ran } from "../../10-containers/explain/ran.ts";
import type { Watch } from "../../10-containers/explain/watch.ts";
import { ModuleError } from "../student-modules.ts";
import type { SeenCall } from "./seen.ts";

/** What the line with the calls begins with. */
export const CALLS = `{"calls":`;

/** Follows a run, and hands over one line of JSON when the program runs or something has kept it from it. */
export function callsWatch(write: (line: string) => void): Watch {
  return historyWatch((all) => write(`${CALLS}${JSON.stringify(all.map(toldCall))}}\n`));
}

/** The line of a plan that was never made; why not, if it is for the module. */
export function noCalls(error: unknown): string {
  const why = error instanceof ModuleError ? `,"error":${JSON.stringify(error.message)}` : "";
  return `${CALLS}[]${why}}\n`;
}

function toldCall({ list, step, call, outcome, result = 0, stage, by, file }: Ran, index: number): SeenCall {
  const isError = outcome === "failed" || outcome === "allowed";
  return {
    n: index + 1,
    list,
    name: step.call,
    call,
    outcome,
    ...(isError && { errno: errnoName(-result) }),
    why: step.why,
    stage,
    by,
    isTheirs: file !== undefined,
  };
}
