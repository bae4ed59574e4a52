// Parent and child take turns: the child waits for a byte where the parent has something to do first. A parent that
// was killed closes the socket, and the child's wait fails: nothing half made goes on living.

import { waitByteStep, writeStep } from "./calls.ts";
import { CONTROL, type Step } from "./step.ts";

export const awaitStep = (why: string): Step => waitByteStep({ fd: CONTROL, why });
export const goStep = (why: string): Step => writeStep({ fd: CONTROL, data: "go", why });

export const isAwait = (step: Step): boolean => step.call === "read" && isOnControl(step);
export const isGo = (step: Step): boolean => step.call === "write" && isOnControl(step);

function isOnControl({ args: [fd] }: Step): boolean {
  return typeof fd === "object" && fd !== null && "reg" in fd && fd.reg === CONTROL.reg;
}
