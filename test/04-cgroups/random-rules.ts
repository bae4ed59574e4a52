// Lists of device rules that nobody would write, the same in every run.

import type { DeviceRule } from "../../src/04-cgroups/index.ts";

export function randomRules(lists: number): DeviceRule[][] {
  let seed = 7;
  const pick = <T>(...from: T[]): T => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return from[(seed >> 8) % from.length]!;
  };
  const rule = (): DeviceRule => ({
    allow: pick(true, true, false),
    type: pick("a", "b", "c", "c"),
    major: pick(-1, 1, 5, 136, 4095),
    minor: pick(-1, -1, 0, 3, 8, 1048575),
    access: pick("rwm", "rwm", "r", "rw", "m", "wm"),
  });
  return Array.from({ length: lists }, () => Array.from({ length: pick(0, 1, 2, 5, 9) }, rule));
}
