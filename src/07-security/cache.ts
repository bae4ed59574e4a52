// Compiling a filter takes milliseconds and its result never changes, so it is kept: one file for each profile, named by
// the profile's digest. What is there is loaded as it is, and the compiler isn't even read.

import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import type { LinuxSeccomp } from "./seccomp.ts";

/** To be raised when the compiler makes something else of a profile; a test says when. */
export const COMPILER_VERSION = 1;

/** The filter for a profile from config.json: out of `directory`, or compiled now. Throws UserError as `compileFilter` does. */
export async function cachedFilter(directory: string, seccomp: LinuxSeccomp): Promise<Uint8Array> {
  const path = join(directory, digestOf(seccomp));
  const kept = readFilter(path);
  if (kept) return kept;
  const { compileFilter } = await import("./compile.ts");
  const filter = compileFilter(seccomp);
  writeWhole(path, filter);
  return filter;
}

function digestOf(seccomp: LinuxSeccomp): string {
  const { defaultAction, defaultErrnoRet, architectures, syscalls } = seccomp;
  const input = [COMPILER_VERSION, nativeArchitecture(), defaultAction, defaultErrnoRet, architectures, syscalls];
  return createHash("sha256").update(JSON.stringify(input)).digest("hex");
}

function readFilter(path: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length > 0 && bytes.length % 8 === 0 ? new Uint8Array(bytes) : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever looks finds the whole file or none: two that start at once, and a machine that loses power, included. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const fd = openSync(temporary, "wx", 0o600);
  try {
    writeSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}
