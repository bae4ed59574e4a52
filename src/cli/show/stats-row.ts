// What one container uses, as a line of `stats`, by the names that templates have for its fields.

import type { Container } from "../../10-containers/container.ts";
import type { Transfer, Usage } from "../../10-containers/look/usage.ts";
import { shortId } from "../../10-containers/names.ts";
import type { Row } from "./format.ts";
import { humanSize, memorySize } from "./units.ts";

export function statsRow({ record }: Container, usage: Usage, noTrunc: boolean): Row {
  const id = noTrunc ? record.id : shortId(record.id);
  const counted = (text: string): string => (usage.isCounted ? text : "--");
  return {
    BlockIO: counted(transfer(usage.block)),
    CPUPerc: counted(percent(usage.cpuPercent)),
    Container: id,
    ID: id,
    MemPerc: counted(percent(usage.memoryPercent)),
    MemUsage: counted(`${memorySize(usage.memoryBytes)} / ${memorySize(usage.memoryLimitBytes)}`),
    Name: record.name,
    NetIO: transfer(usage.network),
    PIDs: counted(String(usage.pids)),
  };
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

function transfer({ read, written }: Transfer): string {
  return `${humanSize(read, 3)} / ${humanSize(written, 3)}`;
}
