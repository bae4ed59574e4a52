// A file's times, to the nanosecond. Node passes times as floating-point seconds, which today are exact to a quarter of
// a microsecond only: enough for whole seconds, as most archives have them, but not to copy a file faithfully.

import { lutimesSync } from "node:fs";
import { AT, performOne, step, struct } from "../01-syscalls/index.ts";
import { type BytePath, toBytes, toCString } from "./bytes.ts";

const SECOND = 1_000_000_000n;

export interface Times {
  atimeNs: bigint;
  mtimeNs: bigint;
}

/** Sets both times of what is at `path`, of the link itself if it is one. utimensat(2) */
export function setTimes(path: BytePath, { atimeNs, mtimeNs }: Times): void {
  if (isPlainTime(atimeNs) && isPlainTime(mtimeNs)) {
    lutimesSync(toBytes(path), Number(atimeNs / SECOND), Number(mtimeNs / SECOND));
    return;
  }
  const times = struct(...timespec("atime", atimeNs), ...timespec("mtime", mtimeNs));
  const args = [AT.FDCWD, toCString(path), times, AT.SYMLINK_NOFOLLOW];
  performOne(step("utimensat", args, { why: "keep the file's times" }));
}

/** Whole seconds since 1970: Node takes a time before that for a wish to have the present one. */
export function isPlainTime(ns: bigint): boolean {
  return ns >= 0n && ns % SECOND === 0n;
}

type Field = Parameters<typeof struct>[number];

/** struct timespec: seconds, and nanoseconds that are never negative. */
function timespec(name: string, ns: bigint): [Field, Field] {
  const rest = ((ns % SECOND) + SECOND) % SECOND;
  return [
    [`${name}.tv_sec`, "u64", BigInt.asUintN(64, (ns - rest) / SECOND)],
    [`${name}.tv_nsec`, "u64", rest],
  ];
}
