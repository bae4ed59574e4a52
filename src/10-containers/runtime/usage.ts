// What a container uses, in the shape that runc's `events` has made everybody's (runc: types/events.go).

import { type Group, type PidsStats, readStats } from "../../04-cgroups/index.ts";

export function usageOf(group: Group) {
  const { cpu, memory, pids, io } = readStats(group);
  return {
    ...(cpu && { cpu: cpuOf(cpu) }),
    ...(memory && { memory: memoryOf(memory) }),
    ...(pids && { pids: pidsOf(pids) }),
    ...(io && {
      blkio: {
        ioServiceBytesRecursive: [
          { op: "Read", value: io.readBytes },
          { op: "Write", value: io.writeBytes },
        ],
        ioServicedRecursive: [
          { op: "Read", value: io.readOperations },
          { op: "Write", value: io.writeOperations },
        ],
      },
    }),
  };
}

type Stats = ReturnType<typeof readStats>;

function cpuOf(cpu: NonNullable<Stats["cpu"]>) {
  const { usageNs, userNs, systemNs, periods, throttledPeriods, throttledNs } = cpu;
  return {
    usage: { total: usageNs, kernel: systemNs, user: userNs },
    throttling: { periods, throttledPeriods, throttledTime: throttledNs },
  };
}

function memoryOf({ usedBytes, countedBytes, peakBytes, limitBytes }: NonNullable<Stats["memory"]>) {
  const usage = {
    usage: countedBytes,
    ...(peakBytes !== undefined && { max: peakBytes }),
    ...(limitBytes !== undefined && { limit: limitBytes }),
  };
  return { cache: countedBytes - usedBytes, usage };
}

function pidsOf({ current, limit }: PidsStats) {
  return { current, ...(limit !== undefined && { limit }) };
}
