// Processor time: a share of it when others want it too, and a quota that holds even when nobody does.
//
//                               v1                              v2
//   share, against siblings     cpu.shares, 2…262144 (1024)     cpu.weight, 1…10000 (100)
//   quota in each period        cpu.cfs_quota_us, _period_us    cpu.max, "quota period"
//   saved up for later          cpu.cfs_burst_us                cpu.max.burst
//   only what nobody wants      cpu.idle                        cpu.idle
//
// A quota of 50000 µs in a period of 100000 µs is half a processor; two processors' worth is 200000.

import type { CpuResources } from "./resources.ts";
import type { Limiter, Setting } from "./setting.ts";

const setting = (file: string, value: number | string, why: string): Setting => {
  return { controller: "cpu", file, value: String(value), why };
};

const SHARE = "its share when others want the processor too";

export const cpu: Limiter = {
  name: "cpu",
  v1Name: "cpu",
  v2Name: "cpu",
  v1: ({ cpu: asked = {} }) => [...shareV1(asked), ...quotaV1(asked), ...realtimeV1(asked), ...idle(asked)],
  v2: ({ cpu: asked = {} }) => [...shareV2(asked), ...quotaV2(asked), ...idle(asked)],
  preference: ({ cpu: asked = {} }) => (isShareAlone(asked) ? NO_SHARES : undefined),
};

const NO_SHARES = "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.";

function isShareAlone({ shares, ...others }: CpuResources): boolean {
  const { cpus: _, mems: __, ...limits } = others;
  return shares !== undefined && Object.values(limits).every((value) => value === undefined || value === 0);
}

// ---- v1

function shareV1({ shares }: CpuResources): Setting[] {
  return shares ? [setting("cpu.shares", shares, SHARE)] : [];
}

/** The period first: the kernel checks each of the two values against the other's current one. */
function quotaV1({ quota, period, burst }: CpuResources): Setting[] {
  return [
    ...(period ? [setting("cpu.cfs_period_us", period, "the quota starts anew every so many microseconds")] : []),
    ...(quota ? [setting("cpu.cfs_quota_us", quota, "microseconds of processor time in each period")] : []),
    ...(burst === undefined ? [] : [setting("cpu.cfs_burst_us", burst, "unused quota it may save up")]),
  ];
}

function realtimeV1({ realtimePeriod, realtimeRuntime }: CpuResources): Setting[] {
  return [
    ...(realtimePeriod ? [setting("cpu.rt_period_us", realtimePeriod, "the period of realtime scheduling")] : []),
    ...(realtimeRuntime ? [setting("cpu.rt_runtime_us", realtimeRuntime, "realtime in each period")] : []),
  ];
}

// ---- v2

function shareV2({ shares }: CpuResources): Setting[] {
  return shares ? [setting("cpu.weight", weightOf(shares), SHARE)] : [];
}

/**
 * v1's shares as v2's weight. The smallest, the default and the largest of one scale fall on those of the other: 2 → 1,
 * 1024 → 100, 262144 → 10000, along a parabola between the logarithms. The formula is runc's since 1.3.2 and crun's.
 */
export function weightOf(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** A number alone sets the quota and leaves the period as it is, which is 100000 µs in a new group. */
function quotaV2({ quota, period, burst }: CpuResources): Setting[] {
  const limit = quota && quota > 0 ? String(quota) : "max";
  const max = period ? `${limit} ${period}` : limit;
  return [
    ...(quota || period ? [setting("cpu.max", max, "microseconds of processor time in each period")] : []),
    ...(burst === undefined ? [] : [setting("cpu.max.burst", burst, "unused quota it may save up")]),
  ];
}

/** Both versions use the same word. */
function idle({ idle }: CpuResources): Setting[] {
  return idle === undefined ? [] : [setting("cpu.idle", idle, "runs only when nobody else wants to")];
}
