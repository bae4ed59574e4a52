// From a container's configuration to its group: what is decided before anything is made, and making it.
//
//   planGroup      path, directories, settings, device rules; refuses what can't be kept
//   createSteps    ┐
//   limitSteps     │ one list, made before the container: makeGroup
//   deviceRuleSteps┘
//   openGroupSteps ─ before    clone3 is told where the child is born (v2)
//   attachSteps    ─ beside    the child is moved in while it waits (v1)

import { closeSync } from "node:fs";
import { type Performed, perform, type Ref, type Step, SyscallError } from "../01-syscalls/index.ts";
import { deviceProgram } from "./device-program.ts";
import { withDefaults } from "./devices.ts";
import { type Group, groupPath } from "./group.ts";
import { limitsFor } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { placeGroup } from "./place.ts";
import { removeGroup } from "./remove.ts";
import type { DeviceRule, Resources } from "./resources.ts";
import type { Setting } from "./setting.ts";

export interface GroupRequest {
  id: string;
  machine: Machine;
  /** OCI `linux.cgroupsPath`. */
  cgroupsPath?: string | undefined;
  /** OCI `linux.resources`. */
  resources?: Resources | undefined;
  /** A user namespace has no say in devices, and needs none: nodes can't be made in it. */
  hasUserNamespace?: boolean;
}

export interface GroupPlan {
  group: Group;
  settings: Setting[];
  /** Empty where all is allowed, or nothing is to be said. */
  deviceRules: DeviceRule[];
  /** Nobody else can have made it: it must not exist yet. */
  isOurs: boolean;
  /** For the user, in Docker's words. */
  warnings: string[];
}

/** Decides; touches nothing. Throws UserError for a limit that can't be kept and for a path that is no group's. */
export function planGroup(request: GroupRequest): GroupPlan {
  const { id, machine, cgroupsPath, resources = {}, hasUserNamespace = false } = request;
  const { settings, warnings } = limitsFor(resources, machine);
  const rules = hasUserNamespace ? [] : withDefaults(resources.devices ?? []);
  const deviceRules = deviceProgram(rules) === undefined || hasUserNamespace ? [] : rules;
  const needs = [...settings.map(({ controller }) => controller), ...(deviceRules.length > 0 ? ["devices"] : [])];
  const group = placeGroup(machine, groupPath(id, cgroupsPath), needs);
  return { group, settings, deviceRules, isOurs: !cgroupsPath, warnings };
}

/**
 * Carries out the steps that make a group. Two containers may come and go at the same moment: when the last one's end
 * has just taken the common parent away (ENOENT), all is made once more. On failure nothing is left.
 */
export async function makeGroup(group: Group, steps: Step[], onStep?: (done: Performed) => void): Promise<void> {
  const TRIES = 5;
  for (let tries = 1; ; tries++) {
    try {
      return performAndClose(steps, onStep);
    } catch (error) {
      await removeGroup(group);
      const isWorthAnother = error instanceof SyscallError && error.code === "ENOENT" && tries < TRIES;
      if (!isWorthAnother) throw error;
    }
  }
}

/** A step that fails is followed by no close: what is open then is closed here. This process may make many groups. */
function performAndClose(steps: Step[], onStep?: (done: Performed) => void): void {
  const open = new Map<string, number>();
  try {
    perform(steps, {}, (done) => {
      const { step, result } = done;
      if (step.as !== undefined && result >= 0) open.set(step.as, result);
      if (step.call === "close") open.delete((step.args[0] as Ref).reg);
      onStep?.(done);
    });
  } finally {
    for (const fd of open.values()) closeSync(fd);
  }
}
