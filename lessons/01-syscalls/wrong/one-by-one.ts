// goal only-three: some-left

import { closeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  const guesses = [5, 6, 7, 8, 9, 10];
  return guesses.map((fd) => closeStep({ fd, why: "perhaps it is this one", allow: ["EBADF"] }));
}
