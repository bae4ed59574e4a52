// The log that an engine names and reads errors from: a line for each, in the two forms that logrus, which runc logs with,
// has made everybody's.

import { appendFileSync } from "node:fs";
import { writeAll } from "../output.ts";
import type { Globals } from "./globals.ts";

type Level = "error" | "warning";

export function writeLog({ log, logFormat }: Globals, level: Level, message: string): void {
  if (log === undefined) return;
  const time = new Date().toISOString();
  const line =
    logFormat === "json"
      ? JSON.stringify({ level, msg: message, time })
      : `time=${JSON.stringify(time)} level=${level} msg=${JSON.stringify(message)}`;
  // Where the log can't be written there is standard error.
  try {
    appendFileSync(log, `${line}\n`);
  } catch {}
}

/** What doesn't keep a container from running is said in the log, if there is one. */
export function warner(globals: Globals): (warning: string) => void {
  return (warning) => {
    if (globals.log === undefined) writeAll(2, `WARNING: ${warning}\n`);
    else writeLog(globals, "warning", warning);
  };
}
