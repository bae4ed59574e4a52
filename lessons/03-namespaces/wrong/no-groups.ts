// goal runs: no-root-group

import { PID, type Step, writeFileSteps } from "mini-docker/01-syscalls";
import type { IdMapping, UserMap } from "mini-docker/03-namespaces";

const file = (name: string, data: string, why: string): Step[] =>
  writeFileSteps({ path: { text: ["/proc/", PID, `/${name}`] }, data, why, as: name });

const lines = (map: readonly IdMapping[]): string =>
  map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");

export function userMapSteps({ uidMappings }: UserMap): Step[] {
  return [
    ...file("setgroups", "deny", "nobody in there can leave a group"),
    ...file("uid_map", lines(uidMappings), "which users outside the ones inside are"),
  ];
}
