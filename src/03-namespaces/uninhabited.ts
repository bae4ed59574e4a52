// A user namespace in which nobody lives. A mount can be told to show owners as some user namespace sees them
// (mount_setattr(2), MOUNT_ATTR_IDMAP), and wants a descriptor of it. So a process is made in a new one, its map is
// written, the namespace is opened, and the process ends: the descriptor keeps the namespace.

import { closeSync, openSync } from "node:fs";
import {
  awaitStep,
  cloneStep,
  execveatStep,
  goStep,
  type Launched,
  launch,
  type Plan,
  programFd,
  reap,
  reg,
} from "../01-syscalls/index.ts";
import { flagsOf } from "./kinds.ts";
import { type UserMap, userMapSteps } from "./users.ts";

/** A descriptor of a new user namespace with this map, which the caller closes. For the host's root only. */
export function openUninhabited(map: UserMap): number {
  let fd = -1;
  const beforeGo = ({ pid }: Launched) => {
    fd = openSync(`/proc/${pid}/ns/user`, "r");
  };
  try {
    reap(launch(planFor(map), { fds: { ending: programFd("init") }, beforeGo }).launcherPid, true);
    return fd;
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    throw error;
  }
}

function planFor(map: UserMap): Plan {
  return {
    before: [cloneStep({ flags: flagsOf(["user"]), why: "a process, for the namespace it is in" })],
    beside: [...userMapSteps(map, true), goStep("it was looked at")],
    inside: [
      awaitStep("its map is written, and somebody opens it"),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
}
