// Who a process is: user, group, and further groups. See credentials(7).

import { type Arg, type Field, type Step, step } from "../01-syscalls/index.ts";

/** `process.user` of the OCI runtime specification. */
export interface User {
  uid: number;
  gid: number;
  additionalGids?: number[];
  umask?: number;
}

/**
 * Groups first: once the user isn't root, none of this can be changed. `canSetGroups` is false in a user namespace that
 * was mapped without privilege, where setgroups is denied (user_namespaces(7)): the caller's own groups stay.
 */
export function identitySteps({ uid, gid, additionalGids = [], umask }: User, canSetGroups = true): Step[] {
  return [
    ...(canSetGroups ? [setgroupsStep(additionalGids)] : []),
    step("setresgid", [gid, gid, gid], { why: "real, effective and saved group" }),
    step("setresuid", [uid, uid, uid], { why: "real, effective and saved user" }),
    ...(umask === undefined ? [] : [step("umask", [umask], { why: "permissions that new files won't have" })]),
  ];
}

function setgroupsStep(gids: number[]): Step {
  const fields = gids.map((value, index): Field => ({ name: `[${index}]`, type: "u32", value }));
  const array: Arg = fields.length > 0 ? { struct: fields } : null;
  return step("setgroups", [fields.length, array], { why: "no further group of the caller's comes along" });
}
