// The last thing before execve: from a root that may do all of this to the process the container is to have. The order
// is the whole art, since each of these calls takes away what another one needs.

import type { Register, Step } from "../01-syscalls/index.ts";
import type { CapabilitySets } from "./capabilities.ts";
import { boundingSteps, capabilitySteps, keepCapabilitiesSteps } from "./capability-steps.ts";
import { identitySteps, type User } from "./identity.ts";
import { type Landlock, landlockSteps } from "./landlock.ts";
import { noNewPrivilegesSteps } from "./nonewprivs.ts";
import { seccompSteps } from "./seccomp.ts";

export interface Confinement {
  user: User;
  /** Without them the process keeps what execve leaves it. */
  capabilities?: CapabilitySets | undefined;
  /** The bounding set of who carries the steps out; all there are unless said, as in a new user namespace. */
  held?: readonly string[] | undefined;
  noNewPrivileges?: boolean;
  /** A compiled filter, and where what its listener needs is to be sent. */
  seccomp?: { filter: Uint8Array; flags?: string[]; line?: Register };
  landlock?: Landlock | undefined;
  /** See `identitySteps`. */
  canSetGroups?: boolean;
}

export function confineSteps(o: Confinement): Step[] {
  const { user, capabilities, held, noNewPrivileges = false, canSetGroups } = o;
  const filter = o.seccomp ? seccompSteps(o.seccomp.filter, o.seccomp.flags, o.seccomp.line) : [];
  return [
    // Here every path can still be looked up, and root may give up files without no_new_privs.
    ...(o.landlock ? landlockSteps(o.landlock) : []),

    // Without no_new_privs the kernel takes a filter from nobody but CAP_SYS_ADMIN, which is about to go.
    ...(noNewPrivileges ? [] : filter),

    // Needs CAP_SETPCAP, which goes with the change of user.
    ...(capabilities ? boundingSteps(capabilities, held) : []),

    ...(capabilities && user.uid !== 0 ? keepCapabilitiesSteps(capabilities) : []),
    ...identitySteps(user, canSetGroups),
    ...(capabilities ? capabilitySteps(capabilities) : []),

    // With it anybody may load a filter, and the later it comes, the fewer of our own calls it has to allow.
    ...(noNewPrivileges ? [...noNewPrivilegesSteps(), ...filter] : []),
  ];
}
