// From a container's configuration to its group: all that is decided before anything is made. What follows are steps.
//
//   createSteps      the directories             ┐
//   limitSteps       what they may have          │ before the child exists
//   deviceRuleSteps  which devices they may open │
//   openGroupSteps   the ways in                 ┘
//   clone3           the child is born inside      v2
//   enterGroupSteps  or its first deed is to enter v1
//
// If one of them fails, removeGroup takes away what there is by then.

import { delegatedControllers } from "./delegate.ts";
import { deviceProgram } from "./device-program.ts";
import { withDefaults } from "./devices.ts";
import { type Group, groupPath } from "./group.ts";
import { type Limits, limitsFor } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { placeGroup } from "./place.ts";
import type { DeviceRule, Resources } from "./resources.ts";
import type { Setting } from "./setting.ts";

export interface GroupRequest {
  id: string;
  machine: Machine;
  /** OCI `linux.cgroupsPath`. */
  cgroupsPath?: string | undefined;
  /** OCI `linux.resources`. */
  resources?: Resources | undefined;
  /** Those resources as texts in files; what `limitsFor` says, if not given. */
  limits?: Limits;
  /** The container may make groups of its own. */
  isDelegated?: boolean | undefined;
  /** It joins every hierarchy, as whoever named the group may look for it in any. */
  isEverywhere?: boolean | undefined;
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

/** Decides; makes nothing. Throws UserError for a limit that can't be kept and for a path that is no group's. */
export function planGroup(request: GroupRequest): GroupPlan {
  const { id, machine, cgroupsPath, resources = {}, limits, isDelegated, isEverywhere } = request;
  const { settings, warnings } = limits ?? limitsFor(resources, machine);
  const deviceRules = rulesFor(resources.devices, machine);
  const needs = [
    ...settings.map(({ controller }) => controller),
    ...(deviceRules.length > 0 ? ["devices"] : []),
    ...(isEverywhere ? machine.bases.flatMap(({ controllers }) => controllers) : []),
  ];
  const all = isDelegated ? delegatedControllers(needs, machine) : needs;
  const group = { ...placeGroup(machine, groupPath(id, cgroupsPath), all), ...(isDelegated && { isDelegated }) };
  return { group, settings, deviceRules, isOurs: !cgroupsPath, warnings };
}

/** Who isn't the host's root can neither limit devices nor make a node, and opens those of the host as its user may. */
function rulesFor(asked: DeviceRule[] = [], { isHostRoot }: Machine): DeviceRule[] {
  const rules = withDefaults(asked);
  return isHostRoot && deviceProgram(rules) !== undefined ? rules : [];
}
