// Everything `plan.ts` asks of the stages goes through this one object, so that a student's module can stand in for
// ours: `Stages["02-rootfs"].pivotSteps = mine`. Steps are marked with the stage and the function they come from, which
// `--explain` shows beside them.

import { closeInheritedSteps, type Step } from "../01-syscalls/index.ts";
import {
  asideSteps,
  attachRootfsSteps,
  bindViewSteps,
  deviceSteps,
  findHooksSteps,
  homeSteps,
  hookSteps,
  leaveSteps,
  lentRootSteps,
  makeWorkdirSteps,
  maskedPathSteps,
  mountSteps,
  moveRootSteps,
  nowhereRootSteps,
  pivotSteps,
  privateRootSteps,
  readonlyPathSteps,
  readonlyRootSteps,
  rootfsFromDirectorySteps,
  rootPropagationSteps,
  rootViewSteps,
  sameRootSteps,
  sharedSourceSteps,
  workdirSteps,
} from "../02-rootfs/index.ts";
import {
  becomeRootSteps,
  cgroupNamespaceSteps,
  cloneFlags,
  hostnameSteps,
  joinBeforeSteps,
  joinInsideSteps,
  joinProcessSteps,
  loopbackSteps,
  ownMapSteps,
  timeInsideSteps,
  timeSteps,
  undumpableSteps,
  userMapSteps,
} from "../03-namespaces/index.ts";
import {
  cgroupMountSteps,
  createSteps,
  delegateSteps,
  deviceRuleSteps,
  enterGroupSteps,
  joinSteps,
  limitSteps,
  limitsFor,
  openGroupSteps,
} from "../04-cgroups/index.ts";
import { memorySteps, overlaySteps, ownedOverlaySteps, ownedViewSteps } from "../05-overlay/index.ts";
import { checkedLayer } from "../06-images/index.ts";
import {
  callAgentSteps,
  confineSteps,
  informAgentSteps,
  keyringSteps,
  oomScoreSteps,
  rlimitSteps,
  sysctlSteps,
} from "../07-security/index.ts";
import {
  address6Steps,
  addressSteps,
  cableSteps,
  familySteps,
  keepNameSocketsSteps,
  nameLineSteps,
  nameSteps,
} from "../08-network/index.ts";
import { sharedVolumeSteps, volumeFilesystemSteps, volumeViewSteps } from "../09-volumes/index.ts";
import { commandSteps } from "./command.ts";
import { endWithParentSteps } from "./end-with-parent.ts";
import { joinHolderSteps } from "./holder-join.ts";
import { handOverSteps } from "./keep-open.ts";
import { monitorSteps } from "./monitor.ts";
import { affinitySteps, personalitySteps, schedulingSteps } from "./scheduling.ts";
import { waitForStartSteps } from "./start-fifo.ts";
import { openTerminalSteps, stdioBeforeSteps, stdioInsideSteps, terminalSteps } from "./streams/stdio.ts";

export const Stages = {
  "01-syscalls": { closeInheritedSteps },
  "02-rootfs": {
    asideSteps,
    attachRootfsSteps,
    bindViewSteps,
    deviceSteps,
    findHooksSteps,
    homeSteps,
    hookSteps,
    leaveSteps,
    lentRootSteps,
    makeWorkdirSteps,
    maskedPathSteps,
    mountSteps,
    moveRootSteps,
    nowhereRootSteps,
    pivotSteps,
    privateRootSteps,
    readonlyPathSteps,
    readonlyRootSteps,
    rootfsFromDirectorySteps,
    rootPropagationSteps,
    rootViewSteps,
    sameRootSteps,
    sharedSourceSteps,
    workdirSteps,
  },
  "03-namespaces": {
    becomeRootSteps,
    cgroupNamespaceSteps,
    cloneFlags,
    hostnameSteps,
    joinBeforeSteps,
    joinInsideSteps,
    joinProcessSteps,
    loopbackSteps,
    ownMapSteps,
    timeInsideSteps,
    timeSteps,
    undumpableSteps,
    userMapSteps,
  },
  "04-cgroups": {
    cgroupMountSteps,
    createSteps,
    delegateSteps,
    deviceRuleSteps,
    enterGroupSteps,
    joinSteps,
    limitSteps,
    limitsFor,
    openGroupSteps,
  },
  "05-overlay": { memorySteps, overlaySteps, ownedOverlaySteps, ownedViewSteps },
  "06-images": { checkedLayer },
  "07-security": {
    callAgentSteps,
    confineSteps,
    informAgentSteps,
    keyringSteps,
    oomScoreSteps,
    rlimitSteps,
    sysctlSteps,
  },
  "08-network": {
    address6Steps,
    addressSteps,
    cableSteps,
    familySteps,
    keepNameSocketsSteps,
    nameLineSteps,
    nameSteps,
  },
  "09-volumes": { sharedVolumeSteps, volumeFilesystemSteps, volumeViewSteps },
  "10-containers": {
    affinitySteps,
    commandSteps,
    endWithParentSteps,
    handOverSteps,
    joinHolderSteps,
    monitorSteps,
    openTerminalSteps,
    personalitySteps,
    schedulingSteps,
    stdioBeforeSteps,
    stdioInsideSteps,
    terminalSteps,
    waitForStartSteps,
  },
};

export type StageName = keyof typeof Stages;

type StageFunction = (...args: unknown[]) => unknown;

/** Where functions come from that aren't ours. */
const files = new Map<unknown, string>();

/** From now on `theirs`, of the module `file`, is called instead of the stage's function `name`. */
export function standIn(stage: StageName, name: string, theirs: StageFunction, file: string): void {
  files.set(theirs, file);
  Object.assign(Stages[stage], { [name]: theirs });
}

/** A stage's functions as they are now; the steps they return carry their names. */
export function stage<Name extends StageName>(name: Name): (typeof Stages)[Name] {
  const functions: Record<string, unknown> = {};
  for (const [by, original] of Object.entries(Stages[name]) as [string, StageFunction][]) {
    const file = files.get(original);
    const mark = { stage: name, by, ...(file !== undefined && { file }) };
    functions[by] = (...args: unknown[]) => marked(original(...args), mark);
  }
  return functions as (typeof Stages)[Name];
}

/** Who a step is of. */
type Mark = Pick<Step, "stage" | "by" | "file">;

/** Steps that came from another stage keep that one's mark. */
function marked(result: unknown, mark: Mark): unknown {
  if (isSteps(result)) for (const step of result) if (step.stage === undefined) Object.assign(step, mark);
  if (isSteps(result)) return result;
  if (typeof result === "object" && result !== null) for (const part of Object.values(result)) marked(part, mark);
  return result;
}

function isSteps(value: unknown): value is Step[] {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && "call" in item);
}
