// no_new_privs: a promise a process makes for itself and all its children, for ever. execve then never gives them more
// than they have: set-user-ID bits and file capabilities are ignored. See PR_SET_NO_NEW_PRIVS in prctl(2).

import { PR, prctlStep, type Step } from "../01-syscalls/index.ts";

export function noNewPrivilegesSteps(): Step[] {
  return [prctlStep({ option: PR.SET_NO_NEW_PRIVS, args: [1], why: "no program can gain what this process lacks" })];
}
