// A cable into a container that runs already. Outside it is laid as at a start; its end inside is seen to by a process that
// enters the container's network, does that and ends.

import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  execveatStep,
  goStep,
  launch,
  perform,
  programFd,
  reap,
  reg,
  type Step,
} from "../../01-syscalls/index.ts";
import {
  type Address,
  address6Steps,
  addressSteps,
  type Cable,
  cableSteps,
  familySteps,
  nameRuleSteps,
  wayOutSteps,
} from "../../08-network/index.ts";
import { stage } from "../stages.ts";

/** Throws SyscallError. */
export function layCable(pid: number, cable: Cable): void {
  perform(cableSteps([cable]), { pid });
  endCable(pid, cable);
}

/** Its end inside. */
export function endCable(pid: number, cable: Cable): void {
  inNetworkOf(pid, [
    ...familySteps([cable]),
    ...addressSteps([cable]),
    ...address6Steps([cable]),
    ...(cable.hasNames ? nameRuleSteps() : []),
  ]);
}

/** The way to everybody else, where there is none any more. */
export function showWayOut(pid: number, gateway: Address): void {
  inNetworkOf(pid, wayOutSteps(gateway));
}

function inNetworkOf(pid: number, steps: Step[]): void {
  const join = stage("03-namespaces").joinProcessSteps(pid, ["network"]);
  const plan = {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed inside" }),
      ...join.before,
      cloneStep({ flags: 0, why: "a process for the network it will be in" }),
    ],
    beside: [goStep("it may go in")],
    inside: [
      awaitStep("the cable is laid"),
      ...join.inside,
      ...steps,
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
  const { launcherPid } = launch(plan, { fds: { ending: programFd("init") } });
  reap(launcherPid, true);
}
