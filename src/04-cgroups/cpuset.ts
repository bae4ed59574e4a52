// Which processors a group may run on, and from which memory nodes it may take memory. The files are the same on both
// versions, but a new group differs: on v2 it inherits what is above it, on v1 both files are empty and no process can
// enter it (ENOSPC) until they are filled. That is why place.ts copies them down.

import { UserError } from "../01-syscalls/index.ts";
import type { Files } from "./files.ts";
import type { Base } from "./machine.ts";
import type { Resources } from "./resources.ts";
import type { Limiter, Setting } from "./setting.ts";

export const cpuset: Limiter = {
  name: "cpuset",
  v1Name: "cpuset",
  v2Name: "cpuset",
  v1: settings,
  v2: settings,
};

export const CPUSET_FILES = ["cpuset.cpus", "cpuset.mems"] as const;

function settings({ cpu: { cpus, mems } = {} }: Resources): Setting[] {
  return [
    ...(cpus ? [setting("cpuset.cpus", cpus, "the processors it may run on")] : []),
    ...(mems ? [setting("cpuset.mems", mems, "the memory nodes it may take from")] : []),
  ];
}

function setting(file: string, value: string, why: string): Setting {
  return { controller: "cpuset", file, value, why };
}

/** The kernel would only say EINVAL or ERANGE: says which processors there are. Throws UserError. */
export function checkCpuset({ cpu: { cpus, mems } = {} }: Resources, base: Base, files: Files): void {
  if (cpus) check("CPUs", cpus, effective(base, "cpus", files));
  if (mems) check("memory nodes", mems, effective(base, "mems", files));
}

function check(what: string, asked: string, available: string | undefined): void {
  const numbers = parseList(asked);
  if (numbers === undefined) throw new UserError(`invalid list of ${what}: "${asked}" (such as 0-3,7)`);
  const had = new Set(parseList(available ?? asked));
  if (numbers.every((number) => had.has(number))) return;
  throw new UserError(`Requested ${what} are not available - requested ${asked}, available: ${available}`);
}

function effective({ version, directory }: Base, what: "cpus" | "mems", files: Files): string | undefined {
  return files.read(`${directory}/${version === 1 ? `cpuset.${what}` : `cpuset.${what}.effective`}`) || undefined;
}

/** `"0-2,5"` → `[0, 1, 2, 5]`; `undefined` if it isn't such a list. See cpuset(7), "List format". */
export function parseList(text: string): number[] | undefined {
  const MOST = 65_536;
  const ranges = text.split(",").map((range) => /^(\d+)(?:-(\d+))?$/.exec(range.trim()));
  const numbers = ranges.map((range) => [Number(range?.[1]), Number(range?.[2] ?? range?.[1])] as const);
  const isList = numbers.every(([first, last]) => first <= last && last < MOST);
  return isList ? numbers.flatMap(([first, last]) => count(first, last)) : undefined;
}

function count(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
