// Compiling a filter takes milliseconds and its result never changes, so it is kept: one file for each profile.
//
//   the profile as text │ a line feed │ the filter
//
// A file counts only if it begins with the very profile that is asked for. So its name need not be a digest, only rarely
// the same for two: node:crypto takes longer to load than a filter to compile.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { nativeArchitecture } from "./architecture.ts";
import type { LinuxSeccomp } from "./seccomp.ts";

/** To be raised when the compiler makes something else of a profile; a test says when. */
export const COMPILER_VERSION = 1;

/** The filter for a profile from config.json: out of `directory`, or compiled now. Throws UserError as `compileFilter` does. */
export async function cachedFilter(directory: string, seccomp: LinuxSeccomp): Promise<Uint8Array> {
  const profile = profileText(seccomp);
  const path = join(directory, nameOf(profile));
  const kept = readFilter(path, profile);
  if (kept) return kept;
  const { compileFilter } = await import("./compile.ts");
  const filter = compileFilter(seccomp);
  writeWhole(path, Buffer.concat([profile, filter]));
  return filter;
}

/** All that the filter depends on. */
function profileText(seccomp: LinuxSeccomp): Buffer {
  const { defaultAction, defaultErrnoRet, architectures, syscalls } = seccomp;
  const input = [COMPILER_VERSION, nativeArchitecture(), defaultAction, defaultErrnoRet, architectures, syscalls];
  return Buffer.from(`${JSON.stringify(input)}\n`);
}

/** FNV-1a, of whole 32-bit words: eight hexadecimal digits. */
function nameOf(profile: Buffer): string {
  let hash = 0x811c9dc5;
  for (const word of new Int32Array(Uint8Array.from(profile).buffer, 0, profile.length >> 2)) {
    hash = Math.imul(hash ^ word, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

function readFilter(path: string, profile: Buffer): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path);
    const filter = bytes.subarray(profile.length);
    const isItsFilter = profile.equals(bytes.subarray(0, profile.length));
    return isItsFilter && filter.length > 0 && filter.length % 8 === 0 ? new Uint8Array(filter) : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever looks finds the whole file or none: two that start at once, and a machine that loses power, included. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}`;
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const fd = openSync(temporary, "w", 0o600);
  try {
    writeSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}
