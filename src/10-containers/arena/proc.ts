// What /proc tells of processes on the host that have to do with a container.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** What each descriptor of a process is: a path, `socket:[8125]`, … */
export function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      // It was the one that the folder itself was read with.
      return [];
    }
  });
}
