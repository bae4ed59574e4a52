// Entering the namespaces in which views hang that are lent to an ordinary user's container: see holder.ts.

import { CLONE, reg, type Step, setnsStep } from "../01-syscalls/index.ts";

/** The registers of the two namespaces. */
export const USERS = "holder-users";
export const MOUNTS = "holder-mounts";

/** In the launcher: from here on it is the user in a namespace of his, with the views where they hang. */
export function joinHolderSteps(): Step[] {
  return [
    setnsStep({
      fd: reg(USERS),
      flags: CLONE.NEWUSER,
      why: "the user namespace in which the views belong to somebody",
    }),
    setnsStep({ fd: reg(MOUNTS), flags: CLONE.NEWNS, why: "and the mounts, with what is lent hanging there" }),
  ];
}
