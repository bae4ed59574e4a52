// Memory: how much a group may have before the kernel takes pages back, and kills when there are none to take.
//
//                          v1                            v2
//   the limit              memory.limit_in_bytes         memory.max
//   with swap              memory.memsw.limit_in_bytes   memory.swap.max, without the memory: memsw minus limit
//   kept when others need  memory.soft_limit_in_bytes    memory.low
//   in TCP's buffers       memory.kmem.tcp.limit_in_bytes  —
//   swap sooner or later   memory.swappiness             —
//   wait instead of kill   memory.oom_control            —

import { UserError } from "../01-syscalls/index.ts";
import type { MemoryResources } from "./resources.ts";
import { type Discarded, type Limiter, orMax, type Setting } from "./setting.ts";

const setting = (file: string, value: number | string, why: string): Setting => {
  return { controller: "memory", file, value: String(value), why };
};

export const memory: Limiter = {
  name: "memory",
  v1Name: "memory",
  v2Name: "memory",
  v1: ({ memory: asked = {} }) => [...limitV1(asked), ...kernelV1(asked), ...habitsV1(asked)],
  v2: ({ memory: asked = {} }) => [...limitV2(asked), ...reservationV2(asked), ...onlyV1(asked)],
  preference: ({ memory: { limit, swap, reservation } = {} }) => {
    const isPreference = limit === undefined && swap === undefined && reservation !== undefined;
    return isPreference ? NO_RESERVATION : undefined;
  },
};

const NO_RESERVATION =
  "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.";

/** Docker's words for a kernel that counts no swap. */
export const NO_SWAP_LIMIT =
  "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.";

/** The file that is there exactly if swap is counted. */
export const SWAP_FILE = { 1: "memory.memsw.limit_in_bytes", 2: "memory.swap.max" } as const;

// ---- v1

/** The kernel keeps limit ≤ limit with swap at every moment: for a new group, which has none, the smaller goes first. */
function limitV1({ limit, swap }: MemoryResources): Setting[] {
  const both = swapAlone(limit, swap) === -1 ? -1 : swap;
  return [
    ...(limit ? [setting("memory.limit_in_bytes", limit, "more memory than this it can't have")] : []),
    ...(both ? [{ ...setting(SWAP_FILE[1], both, "memory and swap together"), isOptional: true as const }] : []),
  ];
}

function kernelV1({ kernel, kernelTCP }: MemoryResources): (Setting | Discarded)[] {
  const file = "memory.kmem.tcp.limit_in_bytes";
  return [
    ...(kernel ? [{ discarded: NO_KERNEL_LIMIT }] : []),
    ...(kernelTCP ? [setting(file, kernelTCP, "so much of it may wait in TCP's buffers")] : []),
  ];
}

const NO_KERNEL_LIMIT = "Your kernel does not support kernel memory limit capabilities. Limitation discarded.";

function habitsV1({ reservation, swappiness, disableOOMKiller }: MemoryResources): Setting[] {
  return [
    ...(reservation
      ? [setting("memory.soft_limit_in_bytes", reservation, "when memory is short, shrink to this")]
      : []),
    ...(hasSwappiness(swappiness)
      ? [setting("memory.swappiness", swappiness, "how gladly its pages are swapped")]
      : []),
    ...(disableOOMKiller ? [setting("memory.oom_control", 1, "out of memory, wait instead of being killed")] : []),
  ];
}

/** -1 is Docker's way of saying nothing. */
function hasSwappiness(swappiness: number | undefined): swappiness is number {
  return swappiness !== undefined && swappiness !== -1;
}

// ---- v2

function limitV2({ limit, swap }: MemoryResources): Setting[] {
  const alone = swapAlone(limit, swap);
  return [
    ...(alone === undefined
      ? []
      : [{ ...setting(SWAP_FILE[2], orMax(alone), "and this much swap besides"), isOptional: true as const }]),
    ...(limit ? [setting("memory.max", orMax(limit), "more memory than this it can't have")] : []),
  ];
}

/**
 * Swap in v2's sense from "memory and swap together": equal numbers are no swap at all. `undefined` if nothing is asked.
 * Throws UserError if the two don't fit together.
 */
export function swapAlone(limit: number | undefined, swap: number | undefined): number | undefined {
  if (!swap) return limit === -1 ? -1 : undefined;
  if (swap === -1) return -1;
  if (!limit) throw new UserError("a limit on memory and swap together needs a memory limit as well");
  if (limit === -1) return swap;
  if (swap < limit) throw new UserError("memory and swap together must not be less than memory alone");
  return swap - limit;
}

function reservationV2({ reservation }: MemoryResources): Setting[] {
  return reservation
    ? [setting("memory.low", orMax(reservation), "when memory is short, this much is taken from others first")]
    : [];
}

function onlyV1({ swappiness, disableOOMKiller, kernel, kernelTCP }: MemoryResources): Discarded[] {
  const NO_SWAPPINESS =
    "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.";
  const NO_OOM_SWITCH = "Your kernel does not support OomKillDisable. OomKillDisable discarded.";
  return [
    ...(kernel || kernelTCP ? [{ discarded: NO_KERNEL_LIMIT }] : []),
    ...(hasSwappiness(swappiness) ? [{ discarded: NO_SWAPPINESS }] : []),
    ...(disableOOMKiller ? [{ discarded: NO_OOM_SWITCH }] : []),
  ];
}
