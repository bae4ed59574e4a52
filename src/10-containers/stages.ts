// Everything `plan.ts` asks of the stages goes through this one object, so that a student's module can stand in for
// ours: `Stages["02-rootfs"].pivotSteps = mine`. Each stage's steps are marked with its name, which `--explain` shows.

import type { Step } from "../01-syscalls/index.ts";
import {
  attachRootfsSteps,
  deviceSteps,
  maskedPathSteps,
  mountSteps,
  pivotSteps,
  privateRootSteps,
  readonlyPathSteps,
  readonlyRootSteps,
  rootfsFromDirectorySteps,
  rootPropagationSteps,
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
  timeInsideSteps,
  timeSteps,
  undumpableSteps,
  userMapSteps,
} from "../03-namespaces/index.ts";
import {
  attachSteps,
  cgroupMountSteps,
  createSteps,
  deviceRuleSteps,
  joinSteps,
  limitSteps,
  openGroupSteps,
} from "../04-cgroups/index.ts";
import { overlaySteps } from "../05-overlay/index.ts";
import { confineSteps, oomScoreSteps, rlimitSteps, sysctlSteps } from "../07-security/index.ts";

export const Stages = {
  "02-rootfs": {
    attachRootfsSteps,
    deviceSteps,
    maskedPathSteps,
    mountSteps,
    pivotSteps,
    privateRootSteps,
    readonlyPathSteps,
    readonlyRootSteps,
    rootfsFromDirectorySteps,
    rootPropagationSteps,
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
    timeInsideSteps,
    timeSteps,
    undumpableSteps,
    userMapSteps,
  },
  "04-cgroups": { attachSteps, cgroupMountSteps, createSteps, deviceRuleSteps, joinSteps, limitSteps, openGroupSteps },
  "05-overlay": { overlaySteps },
  "07-security": { confineSteps, oomScoreSteps, rlimitSteps, sysctlSteps },
};

export type StageName = keyof typeof Stages;

/** A stage's functions as they are now; steps they return carry the stage's name. */
export function stage<Name extends StageName>(name: Name): (typeof Stages)[Name] {
  const functions = Object.entries(Stages[name]).map(([key, original]) => [
    key,
    (...args: unknown[]) => marked((original as (...args: unknown[]) => unknown)(...args), name),
  ]);
  return Object.fromEntries(functions) as (typeof Stages)[Name];
}

function marked(result: unknown, stage: string): unknown {
  if (isSteps(result)) return result.map((step) => ({ stage, ...step }));
  if (typeof result !== "object" || result === null) return result;
  return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, marked(value, stage)]));
}

function isSteps(value: unknown): value is Step[] {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && "call" in item);
}
