// Parent and child take turns: the child waits for a byte where the parent has something to do first. A parent that
// was killed closes the socket, and the child's wait fails: nothing half made goes on living.

import { closeStep, waitByteStep, writeStep } from "./calls.ts";
import { REPORT } from "./report.ts";
import { CONTROL, type Step } from "./step.ts";

export const awaitStep = (why: string): Step => waitByteStep({ fd: CONTROL, why });
export const goStep = (why: string): Step => writeStep({ fd: CONTROL, data: "go", why });

/** The same wait, and the parent is told when the child has come to it: what others do then needs all that is before. */
export const announcedAwaitSteps = (why: string): Step[] => [
  tellStep(REPORT.WAITING, "all up to here is done"),
  awaitStep(why),
];

/**
 * In the child: all that the parent should hear of is over, as if the program ran. Its line is cut, so that it may end, and
 * the number belongs to nobody: closed once more it holds no value, and nothing is told on it any more.
 */
export const partSteps = (why: string): Step[] => [
  tellStep(REPORT.EXEC, why),
  closeStep({ fd: CONTROL, why: "nobody is there to be told any more" }),
  closeStep({ fd: CONTROL, why: "and nothing will be", allow: ["EBADF"], as: CONTROL.reg }),
];

/** In the launcher, once the child is split off: the parent may go on to its last "go". */
export const readyStep = (why: string): Step => tellStep(REPORT.READY, why);

/** A report as the launcher itself would make it. */
function tellStep(kind: number, why: string): Step {
  const packet = Buffer.alloc(REPORT.SIZE);
  packet.writeUInt32LE(kind, 0);
  packet.writeUInt32LE(1, 4);
  return writeStep({ fd: CONTROL, data: packet, why });
}

export const isAnnouncement = (step: Step | undefined): boolean => step !== undefined && isGo(step);

export const isAwait = (step: Step): boolean => step.call === "read" && isOnControl(step);
export const isGo = (step: Step): boolean => step.call === "write" && isOnControl(step);

function isOnControl({ args: [fd] }: Step): boolean {
  return typeof fd === "object" && fd !== null && "reg" in fd && fd.reg === CONTROL.reg;
}
