// goal keeps-groups: groups-can-go

import { PID, type Step, writeFileSteps } from "mini-docker/01-syscalls";
import type { IdMapping, UserMap } from "mini-docker/03-namespaces";

const file = (name: string, data: string, why: string): Step[] =>
  writeFileSteps({ path: { text: ["/proc/", PID, `/${name}`] }, data, why, as: name });

const lines = (map: readonly IdMapping[]): string =>
  map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");

export function userMapSteps({ uidMappings, gidMappings }: UserMap): Step[] {
  return [
    ...file("uid_map", lines(uidMappings), "which users outside the ones inside are"),
    ...file("gid_map", lines(gidMappings), "and which groups"),
  ];
}
