// From what was asked for to texts in files, on the machine at hand: each limiter says both versions' words, and the
// machine says which version has the controller. On a hybrid machine that differs from controller to controller.
//
// What can't be had is never passed over in silence. A limit that somebody relies on is refused before anything is
// made; a preference, which only says who gets more, is left out with a warning.

import { type Step, UserError, writeFileSteps } from "../01-syscalls/index.ts";
import { cpu } from "./cpu.ts";
import { checkCpuset, cpuset } from "./cpuset.ts";
import { type Files, thisMachine } from "./files.ts";
import { directoryOf, type Group } from "./group.ts";
import { hugetlb } from "./hugetlb.ts";
import { io } from "./io.ts";
import { type Base, baseWith, type Machine, v2Base, whyWithout } from "./machine.ts";
import { memory, NO_SWAP_LIMIT, SWAP_FILE } from "./memory.ts";
import { pids } from "./pids.ts";
import type { Resources } from "./resources.ts";
import { isSetting, type Limiter, type Setting } from "./setting.ts";

const LIMITERS: Limiter[] = [memory, cpu, cpuset, pids, io, hugetlb];

export interface Limits {
  settings: Setting[];
  /** For the user, in Docker's words. */
  warnings: string[];
}

/** Throws UserError for a limit that this machine can't keep, with the controller's name and the reason. */
export function limitsFor(resources: Resources, machine: Machine, files: Files = thisMachine): Limits {
  refuseUnknown(resources);
  const parts = LIMITERS.map((limiter) => limitsOf(limiter, resources, machine, files));
  return {
    settings: [...parts.flatMap(({ settings }) => settings), ...unifiedSettings(resources, machine)],
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}

/** Writes the settings into the group's files. */
export function limitSteps(group: Group, settings: Setting[]): Step[] {
  return settings.flatMap(({ controller, file, value, why, isOptional }) =>
    writeFileSteps({
      path: `${directoryOf(group, controller)}/${file}`,
      data: value,
      as: "limit",
      why,
      ...(isOptional && { allow: ["ENOENT"] }),
    }),
  );
}

function limitsOf(limiter: Limiter, resources: Resources, machine: Machine, files: Files): Limits {
  const base = baseWith(machine, limiter.v1Name, limiter.v2Name);
  if (!base) return limitsWithout(limiter, resources, machine, files);
  if (limiter === cpuset) checkCpuset(resources, base, files);
  const wishes = base.version === 1 ? limiter.v1(resources) : limiter.v2(resources);
  const settings = wishes.filter(isSetting);
  const discarded = wishes.flatMap((one) => (isSetting(one) ? [] : [one.discarded]));
  return { settings, warnings: [...discarded, ...swapWarnings(settings, base, files)] };
}

function limitsWithout(limiter: Limiter, resources: Resources, machine: Machine, files: Files): Limits {
  if (limiter.v1(resources).length + limiter.v2(resources).length === 0) return { settings: [], warnings: [] };
  const preference = limiter.preference?.(resources);
  if (preference !== undefined) return { settings: [], warnings: [preference] };
  const { why, hint } = whyWithout(machine, limiter.v1Name, limiter.v2Name, files);
  throw new UserError(`the ${limiter.name} limit can't be kept here: ${why}`, { hint });
}

/** v2's root has no such file even where swap is counted, so there only a group can tell, and ours doesn't exist yet. */
function swapWarnings(settings: Setting[], { version, directory, mountPoint }: Base, files: Files): string[] {
  const file = SWAP_FILE[version];
  const isAsked = settings.some((setting) => setting.file === file && !["max", "-1", "0"].includes(setting.value));
  const canTell = version === 1 || directory !== mountPoint;
  return isAsked && canTell && !files.exists(`${directory}/${file}`) ? [NO_SWAP_LIMIT] : [];
}

/** `unified` bypasses our knowledge: any file of a controller that the group has, but no other directory's. */
function unifiedSettings({ unified = {} }: Resources, machine: Machine): Setting[] {
  const base = v2Base(machine);
  return Object.entries(unified).map(([file, value]) => {
    const [controller = ""] = file.split(".");
    if (file.includes("/") || !file.includes(".")) throw new UserError(`"${file}" is no file of a cgroup`);
    if (!base) throw new UserError(`"${file}" can't be set: there is no cgroup v2 here`);
    if (controller !== "cgroup" && !base.controllers.includes(controller)) {
      throw new UserError(`"${file}" can't be set: cgroup v2 has no controller "${controller}" here`);
    }
    return { controller, file, value, why: "asked for by its own name" };
  });
}

function refuseUnknown({ network, rdma }: Resources): void {
  if (network?.classID || network?.priorities?.length) {
    throw new UserError("the net_cls and net_prio controllers are not supported: cgroup v2 has neither");
  }
  if (rdma && Object.keys(rdma).length > 0) throw new UserError("the rdma controller is not supported");
}
