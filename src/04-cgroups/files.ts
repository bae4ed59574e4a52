// A cgroup has no system calls of its own: everything is a small text file in a directory that the kernel fills.
// Three formats cover nearly all of them (Documentation/admin-guide/cgroup-v2.rst, "Format"):
//
//   a value      memory.max    104857600            "max" where there is no limit
//   flat keyed   cpu.stat      usage_usec 5321
//   nested keyed io.stat       8:0 rbytes=4096 wbytes=0 rios=1 wios=0

import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/** What finding the way needs to know of files; recorded machines stand in for this one in tests. */
export interface Files {
  /** The text of a file, `undefined` where there is none to be read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Whether this process may change it. A read-only mount counts as well as permissions. */
  isWritable(path: string): boolean;
}

export const thisMachine: Files = {
  read: readText,
  exists: existsSync,
  isWritable(path) {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
};

/**
 * The text of a file without the newline at its end. `undefined` where the kernel has no such file, the group is gone
 * (ENODEV), or what it tells is switched off (EOPNOTSUPP).
 */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENODEV", "EOPNOTSUPP", "ENOTSUP"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Writes a file of a group. `false` where the group is gone, or never had such a file. */
export function writeText(path: string, text: string): boolean {
  try {
    // writeFileSync would ask for the file to be made, which the kernel refuses as if it weren't ours (EACCES).
    const fd = openSync(path, constants.O_WRONLY);
    writeAndClose(fd, text);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function writeAndClose(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/** `"memory pids"` → `["memory", "pids"]`; nothing → `[]`. */
export function words(text = ""): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** `"1048576"` → 1048576; `"max"`, -1, no file and v1's largest page-aligned number → `undefined`: no limit. */
export function parseLimit(text: string | undefined): number | undefined {
  const UNLIMITED = 2 ** 60;
  const number = Number(text);
  return text === undefined || text === "max" || number < 0 || number >= UNLIMITED ? undefined : number;
}

/** `"usage_usec 12\nuser_usec 7"` → `{ usage_usec: 12, user_usec: 7 }`. */
export function parseFlat(text = ""): Record<string, number> {
  return Object.fromEntries(lines(text).map(([key = "", value]) => [key, Number(value)]));
}

/** `"8:0 rbytes=4096 wios=0"` → `[{ key: "8:0", rbytes: 4096, wios: 0 }]`. */
export function parseNested(text = ""): ({ key: string } & Record<string, number | string>)[] {
  return lines(text).map(([key = "", ...pairs]) => ({
    key,
    ...Object.fromEntries(pairs.map((pair) => pair.split("=")).map(([name = "", value]) => [name, Number(value)])),
  }));
}

function lines(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}
