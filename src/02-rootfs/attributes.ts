// What a mount allows (mount_setattr(2)): the same files can be writable in one view and read-only in the next.
//
// In a user namespace the kernel locks what a view inherits (nosuid, read-only …: mount_namespaces(7)), and clearing it
// is EPERM. A view is therefore only made stricter: `rw` or `suid` lift nothing. Who really wants to lift something
// from a whole tree says so with the recursive form, `rrw`.

import { mountSetattrStep, type Ref, reg, type Step } from "../01-syscalls/index.ts";
import { ATIME, type Change, type MountOptions } from "./options.ts";
import { PROPAGATIONS } from "./propagation.ts";

/** mount_setattr, once for the mount alone and once for it with all below, where there is something to say. */
export function attributeSteps({ own, recursive, propagation }: MountOptions, mount: Ref = reg("mount")): Step[] {
  const { type, recursive: isDeep } = propagation ? PROPAGATIONS[propagation] : { type: 0, recursive: false };
  const flat = { ...stricter(own), propagation: isDeep ? 0 : type };
  const deep = { ...recursive, propagation: isDeep ? type : 0 };
  return [
    ...(isNothing(deep) ? [] : [mountSetattrStep({ mount, ...deep, recursive: true, why: "for it and all below it" })]),
    ...(isNothing(flat) ? [] : [mountSetattrStep({ mount, ...flat, why: "before anybody can reach it" })]),
  ];
}

/** Only additions; a mode of access times takes the place of the one before. */
function stricter({ set }: Change): Change {
  return { set, clear: set & ATIME ? ATIME : 0 };
}

function isNothing(change: Change & { propagation: number }): boolean {
  return change.set === 0 && change.clear === 0 && change.propagation === 0;
}
