// What a container's process may do, from flags to config.json's words: stage 07 knows the rules, here they are chosen.

import { readFileSync } from "node:fs";
import {
  CAPABILITIES,
  type CapabilitySets,
  capabilitiesIn,
  checkSysctls,
  chooseCapabilities,
  DEFAULT_MASKED_PATHS,
  DEFAULT_READONLY_PATHS,
  defaultProfile,
  type LinuxSeccomp,
  parseSecurityOptions,
  refuseMissingModules,
  resolveProfile,
  type SecurityOptions,
  setsFor,
} from "../../07-security/index.ts";
import { isHost, joinedContainer } from "./namespaces.ts";
import type { RunOptions } from "./options.ts";

export interface Security {
  capabilities: string[];
  noNewPrivileges: boolean;
  /** Undefined: unconfined. */
  seccomp?: LinuxSeccomp;
  maskedPaths: string[];
  readonlyPaths: string[];
  landlock?: string;
}

export const ALL_CAPABILITIES: CapabilitySets = setsFor([...CAPABILITIES], 0);

/** Throws UserError for options that contradict each other or that this host can't keep. */
export function chooseSecurity(options: RunOptions, hasUserNamespace = false): Security {
  const asked = parseSecurityOptions(options.securityOpt);
  refuseMissingModules(asked);
  checkSysctls(options.sysctls, ownNamespaces(options));
  const { capAdd: add, capDrop: drop, privileged } = options;
  const capabilities = chooseCapabilities({ add, drop, privileged }, hasUserNamespace ? CAPABILITIES : ours());
  const seccomp = privileged ? undefined : filterFor(asked, capabilities);
  const isOpen = privileged || asked.systemPaths === "unconfined";
  return {
    capabilities,
    noNewPrivileges: asked.noNewPrivileges,
    ...(asked.landlock !== undefined && { landlock: asked.landlock }),
    ...(seccomp && { seccomp }),
    maskedPaths: isOpen ? [] : [...DEFAULT_MASKED_PATHS],
    readonlyPaths: isOpen ? [] : [...DEFAULT_READONLY_PATHS],
  };
}

/** "All capabilities" are all that we have. In a new user namespace that is all there are. */
function ours(): string[] {
  return capabilitiesIn(readFileSync("/proc/self/status", "latin1"), "CapBnd");
}

function filterFor({ seccomp }: SecurityOptions, capabilities: string[]): LinuxSeccomp | undefined {
  if (seccomp === "unconfined") return undefined;
  return seccomp === "builtin" ? defaultProfile({ capabilities }) : resolveProfile(seccomp, { capabilities });
}

function ownNamespaces(options: RunOptions) {
  const isOwn = (choice: string | undefined) => !isHost(choice) && joinedContainer(choice) === undefined;
  return { ipc: isOwn(options.ipc), network: isOwn(options.network), uts: isOwn(options.uts) };
}
