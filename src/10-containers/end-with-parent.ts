// A process may ask to be killed when its parent ends, however that ends (prctl(2), PR_SET_PDEATHSIG). A container that
// asks needs no monitor to be tidied up after: kill the program that waits for it, and the kernel ends it too.

import { PR, prctlStep, type Step } from "../01-syscalls/index.ts";

const SIGKILL = 9;

/** After the change of user, which takes the wish back. The parent must be the one that will wait. */
export function endWithParentSteps(): Step[] {
  return [prctlStep({ option: PR.SET_PDEATHSIG, args: [SIGKILL], why: "who waits for this ends, and this with it" })];
}
