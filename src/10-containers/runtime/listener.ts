// What the launcher goes on to do where a seccomp filter asks somebody about calls: it brings him what he needs for that.

import type { LaunchOptions } from "../../01-syscalls/index.ts";
import type { LinuxSeccomp } from "../../07-security/index.ts";
import { agentOf, processState } from "../../07-security/index.ts";
import { OCI_VERSION } from "../spec/oci.ts";
import { stage } from "../stages.ts";

/** `state` is the container's, without a process if that is the launcher's child. */
export function listenerOptions(
  seccomp: LinuxSeccomp | undefined,
  state: object & { pid?: number },
): Pick<LaunchOptions, "after"> {
  if (seccomp === undefined || agentOf(seccomp) === undefined) return {};
  const text = processState({ ociVersion: OCI_VERSION, state, seccomp });
  return { after: stage("07-security").informAgentSteps(text) };
}
