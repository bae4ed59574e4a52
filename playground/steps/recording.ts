// A file that `run --record` has written.

import type { Recording } from "../../src/10-containers/explain/record.ts";
import type { WalkedRun } from "./walker.tsx";

/** Undefined for anything else, and for a version that is not ours to read. */
export function readRecording(text: string): WalkedRun | undefined {
  try {
    const recording = JSON.parse(text) as Recording;
    const isOurs = recording.version === 1 && Array.isArray(recording.steps) && recording.steps.length > 0;
    return isOurs ? { ...recording, total: recording.steps.length } : undefined;
  } catch {
    return undefined;
  }
}
