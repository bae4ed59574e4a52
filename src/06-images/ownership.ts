// Whether unpacked files can have the owners that their layer names. The host's root can give files to anybody, and so
// can root of a user namespace into which many ids are mapped; an ordinary user, also as root of a namespace with his
// one id, can't: there everything is his own, and no device can be made.

import { readFileSync } from "node:fs";
import { isInitialUserNamespace } from "../03-namespaces/index.ts";

let known: boolean | undefined;

/** False where files can have only one owner. See user_namespaces(7), "uid_map". */
export function keepsOwners(): boolean {
  known ??= process.geteuid?.() === 0 && mappedIds() > 1;
  return known;
}

/** False in every user namespace but the machine's own. */
export function makesDevices(): boolean {
  return process.geteuid?.() === 0 && isInitialUserNamespace();
}

/** Each line of the map: first id inside, first id outside, how many. */
function mappedIds(): number {
  const lines = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0);
}
