// Your turn: say who the users of the new namespace are. The child waits; you write, in the parent, to three files that the
// kernel keeps for it in /proc/PID: `uid_map`, `gid_map` and `setgroups`.
//
// A map has lines of three numbers, `first-inside first-outside count`. `setgroups` holds the word "allow"; "deny" takes from
// everybody in there the right to leave a group. An ordinary user has to be able to do all this, and a group can be there to
// keep somebody out. So the kernel insists on an order, and when it is wrong says no more than EPERM: user_namespaces(7).

import * as ask from "mini-docker/01-syscalls";
import type { IdMapping, UserMap } from "mini-docker/03-namespaces";

const file = (name: string, data: string, why: string) =>
  ask.writeFileSteps({ path: { text: ["/proc/", ask.PID, `/${name}`] }, data, why, as: name });

const lines = (map: readonly IdMapping[]) =>
  map.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");

export function userMapSteps(map: UserMap): ask.Step[] {
  return [
    // The users are done. What about the groups?
    ...file("uid_map", lines(map.uidMappings), "which users outside the ones inside are"),
  ];
}
