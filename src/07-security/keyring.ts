// Keys the kernel keeps for programs (Kerberos tickets, disk keys) hang on keyrings, and keyrings know no namespaces: a
// container would inherit the session keyring of whoever started it, and could use what is on it. See keyrings(7).

import { KEYCTL, type Step, step } from "../01-syscalls/index.ts";

/** A session keyring of its own, without a name and empty. Not on kernels without keys, nor when the user's quota is used up. */
export function keyringSteps(): Step[] {
  const why = "the caller's keys stay behind";
  return [step("keyctl", [KEYCTL.JOIN_SESSION_KEYRING, null], { why, allow: ["ENOSYS", "EDQUOT"] })];
}
