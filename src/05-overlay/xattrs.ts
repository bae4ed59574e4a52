// Extended attributes: named bytes on a file, beside owner and mode (xattr(7)). `security.capability` makes a program
// privileged, `user.*` belongs to whoever may write the file, and overlay keeps its own marks in `trusted.overlay.*`, or,
// where it is mounted inside a user namespace, in `user.overlay.*`.
//
// The calls with `l` in front look at a symbolic link itself and never follow it. The others are for a descriptor's own
// path in /proc: what that leads to is what was opened, whatever has its name by now.

import { addressOf, type Errno, performOne, step } from "../01-syscalls/index.ts";
import { type BytePath, toCString } from "./bytes.ts";

const LARGEST = 65536; // XATTR_SIZE_MAX and XATTR_LIST_MAX are the same.
let buffer: Buffer | undefined;

/** Whatever filesystem has no attributes has no such attribute. */
const NONE: Errno[] = ["ENODATA", "EOPNOTSUPP"];

/** The value of an attribute; undefined where there is none. lgetxattr(2) */
export function getXattr(path: BytePath, name: string, { follow = false } = {}): Buffer | undefined {
  const why = `is ${name} set?`;
  const call = follow ? "getxattr" : "lgetxattr";
  return readInto((into) => step(call, [toCString(path), name, into, LARGEST], { why, allow: NONE }));
}

/** Names of all attributes that we may see. llistxattr(2) */
export function listXattrs(path: BytePath, { follow = false } = {}): string[] {
  const why = "which attributes are there?";
  const call = follow ? "listxattr" : "llistxattr";
  const names = readInto((into) => step(call, [toCString(path), into, LARGEST], { why, allow: NONE }));
  return names ? names.toString().split("\0").slice(0, -1) : [];
}

/** All attributes of an open file that we may see, by name. flistxattr(2), fgetxattr(2) */
export function xattrsOfOpen(fd: number): Map<string, Buffer> {
  const why = "which attributes are there?";
  const names = readInto((into) => step("flistxattr", [fd, into, LARGEST], { why, allow: NONE }));
  const found = new Map<string, Buffer>();
  for (const name of names ? names.toString().split("\0").slice(0, -1) : []) {
    const value = readInto((into) =>
      step("fgetxattr", [fd, name, into, LARGEST], { why: `is ${name} set?`, allow: NONE }),
    );
    if (value) found.set(name, value);
  }
  return found;
}

/** Sets an attribute; errors in `allow` are fine. False if one of those happened. lsetxattr(2) */
export function setXattr(path: BytePath, name: string, value: Uint8Array | string, allow: Errno[] = []): boolean {
  const bytes = new Uint8Array(Buffer.from(value));
  const args = [toCString(path), name, bytes, bytes.length, 0];
  return performOne(step("lsetxattr", args, { why: `set ${name}`, allow })) >= 0;
}

function readInto(call: (address: bigint) => Parameters<typeof performOne>[0]): Buffer | undefined {
  buffer ??= Buffer.allocUnsafeSlow(LARGEST);
  const length = performOne(call(addressOf(buffer)));
  return length < 0 ? undefined : Buffer.from(buffer.subarray(0, length));
}
