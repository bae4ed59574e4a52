// Execs have an id and a recorded end, as containers have; both are kept while the container runs.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "./container.ts";
import { isMissing, readText } from "./files.ts";
import type { ProcessId } from "./identity.ts";
import { removeFolder } from "./remove-folder.ts";
import { type ExitRecord, readExit } from "./settle.ts";

/** What is kept of an exec while its container runs: `execs/ID/exec.json`, and `exit.json` beside it. */
export interface ExecRecord {
  id: string;
  command: string[];
  tty: boolean;
  process?: ProcessId;
}

export function listExecIds({ folder }: Container): string[] {
  try {
    return readdirSync(folder.execs);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const MOST_KEPT = 100;

/** Takes the records of execs that have ended away once there are many: a health check never stops making new ones. */
export function forgetOldExecs(container: Container): void {
  const ids = listExecIds(container);
  if (ids.length < MOST_KEPT) return;
  for (const id of ids) {
    const folder = join(container.folder.execs, id);
    if (readExit(join(folder, "exit.json"))) removeFolder(folder);
  }
}

/** What is known of one exec; `exit` once it has ended. Undefined when it isn't on record. */
export function readExec({ folder }: Container, id: string): (ExecRecord & { exit?: ExitRecord }) | undefined {
  const text = readText(join(folder.execs, id, "exec.json"));
  if (text === undefined) return undefined;
  const exit = readExit(join(folder.execs, id, "exit.json"));
  return { ...(JSON.parse(text) as ExecRecord), ...(exit && { exit }) };
}
