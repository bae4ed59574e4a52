// One more process in a container, as a list: its namespaces are entered instead of made, its group is joined, and then the
// same things are taken away as from the first process. plan.ts is the list it is to be read beside.

import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  goStep,
  type Plan,
  type Register,
  reg,
} from "../01-syscalls/index.ts";
import { differentKinds, isPrivileged } from "../03-namespaces/index.ts";
import type { Group } from "../04-cgroups/index.ts";
import { agentOf, LISTENER_LINE, type LinuxSeccomp, landlockIn } from "../07-security/index.ts";
import { closeOthersSteps } from "./keep-open.ts";
import { confinement } from "./plan.ts";
import { grantProcess } from "./prepare.ts";
import { hasOwnMounts } from "./spec/namespaces.ts";
import type { Spec } from "./spec/oci.ts";
import { stage } from "./stages.ts";
import type { Stdio } from "./streams/stdio.ts";

export interface ExecPlanInput {
  /** The container's first process. */
  first: number;
  /** The container's, with what is to run as its process. */
  spec: Spec;
  stdio: Stdio;
  group: Group | undefined;
  filterFor(seccomp: LinuxSeccomp): Promise<Uint8Array>;
  /** See `PlanInput`. */
  handedOver?: Register[];
}

export async function execPlan(input: ExecPlanInput): Promise<Plan> {
  const { first, stdio, handedOver = [] } = input;
  const [namespaces, cgroups] = [stage("03-namespaces"), stage("04-cgroups")];
  const [security, containers] = [stage("07-security"), stage("10-containers")];
  const different = differentKinds("self", first);
  const joined = namespaces.joinProcessSteps(first, different);
  const root = hasOwnMounts(input.spec) ? undefined : stage("02-rootfs").sameRootSteps(first);
  const group = input.group && cgroups.joinSteps(input.group, first);
  const granted = grantProcess(input.spec.process!, different.includes("user"));
  const { process } = granted;
  const spec = { ...input.spec, process };
  const seccomp = spec.linux?.seccomp;
  const filter = seccomp && (await input.filterFor(seccomp));
  const agent = seccomp && agentOf(seccomp);
  const landlock = landlockIn(spec.annotations);
  const isBorn = group?.before.some((step) => step.as === "cgroup");
  const { initial, final } = process.execCPUAffinity ?? {};

  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "whatever is open here, the program won't get it" }),
      ...containers.affinitySteps(initial, "where it runs until it is counted with the container"),
      ...containers.stdioBeforeSteps(stdio),
      ...(agent === undefined ? [] : security.callAgentSteps(agent)),
      ...(group?.before ?? []),
      ...(root?.before ?? []),
      ...joined.before,
      cloneStep({
        flags: 0,
        ...(isBorn && { cgroup: reg("cgroup") }),
        why: "a new process, in the container's pid namespace",
      }),
    ],
    beside: [goStep("the child is counted with the container"), goStep("all is written down: let the program run")],
    inside: [
      ...(group?.inside ?? []),
      awaitStep("the parent has its part to do first"),
      ...containers.affinitySteps(final, "where it runs from here on"),
      ...security.oomScoreSteps(process.oomScoreAdj),
      ...joined.inside,
      ...(root?.inside ?? []),
      ...(stdio.tty ? containers.openTerminalSteps(stdio.size) : []),
      ...containers.stdioInsideSteps(stdio, process.user),
      ...closeOthersSteps([...handedOver, ...(agent === undefined ? [] : [LISTENER_LINE])]),
      ...stage("02-rootfs").workdirSteps(process.cwd),
      ...security.rlimitSteps(process.rlimits),
      ...containers.schedulingSteps(process),
      ...(spec.linux?.personality ? containers.personalitySteps(spec.linux.personality) : []),
      awaitStep("the monitor listens, and the exec is on record"),
      ...security.keyringSteps(),
      ...security.confineSteps(
        confinement({
          spec,
          ...(filter && { filter }),
          ...(agent !== undefined && { agent }),
          ...(landlock && { landlock }),
          held: granted.held,
          privileged: isPrivileged(),
        }),
      ),
      ...containers.handOverSteps(handedOver),
      ...containers.commandSteps(process),
    ],
  };
}
