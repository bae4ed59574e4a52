// How many tasks (processes and threads) may exist in a group at once: what ends a fork bomb. fork fails with EAGAIN
// at the limit. The file is the same on both versions.

import type { Resources } from "./resources.ts";
import type { Limiter, Setting } from "./setting.ts";

export const pids: Limiter = { name: "pids", v1Name: "pids", v2Name: "pids", v1: settings, v2: settings };

function settings({ pids: { limit } = {} }: Resources): Setting[] {
  if (limit === undefined) return [];
  const value = limit > 0 ? String(limit) : "max";
  return [{ controller: "pids", file: "pids.max", value, why: "no more processes and threads than this" }];
}
