// Which descriptors a program gets. Of those that are open in a process on its way into a container some lead to the host's
// tree, so all are closed; but for the few that are meant to come along, which move to the lowest numbers meanwhile. 3 is the
// line on which the engine is told how it goes, until the program runs: a program that is to have a 3 of its own gets it last.

import { CONTROL, closeRangeStep, dupStep, F, O, type Register, reg, type Step, step } from "../01-syscalls/index.ts";

const FIRST = 4;

/** Closes all but 0 to 3 and those that the registers `kept` hold, which are given in the order of their numbers. */
export function closeOthersSteps(kept: readonly Register[] = []): Step[] {
  return [
    ...kept.map((name, index) =>
      step("dup3", [reg(name), FIRST + index, O.CLOEXEC], { why: "this one comes along", as: keptAs(name) }),
    ),
    closeRangeStep({ first: FIRST + kept.length, why: "no way back: every descriptor of the host's tree is gone" }),
  ];
}

/** The register with what `closeOthersSteps` has kept of `name`. */
export const keptAs = (name: Register): Register => `kept-${name}`;

/** Right before the program, which gets those it is handed as 3, 4, … */
export function handOverSteps(names: readonly Register[] = []): Step[] {
  if (names.length === 0) return [];
  const above = FIRST + names.length + 1;
  return [
    step("fcntl", [CONTROL, F.DUPFD_CLOEXEC, above], { why: "the line makes way", as: CONTROL.reg }),
    ...names.map((name, index) =>
      dupStep({ from: reg(keptAs(name)), to: 3 + index, why: "the caller has opened this for the program" }),
    ),
  ];
}
