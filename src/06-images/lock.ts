// flock(2): a lock on an open file. The kernel lets go of it when the file is closed, so also when its holder is killed:
// there is no such thing as a stale lock.
//
// The store has two. Whoever changes the list of names holds `index` for that moment. Whoever adds blobs or layers, or
// is about to use some, holds `store` shared; only who throws away what nothing refers to holds it alone.

import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { LOCK, performOne, step } from "../01-syscalls/index.ts";
import { naming } from "./failure.ts";
import { makeFolder } from "./folder.ts";

export interface Lock {
  close(): void;
}

export interface SoleLock extends Lock {
  /** Others may use the store again, too. */
  share(): void;
}

/** Changes of the list of names happen one after the other. Waits. */
export function lockIndex(root: string): Lock {
  return takeLock(root, "index", LOCK.EX)!;
}

/** Until closed, nothing in the store is thrown away. Waits while somebody is throwing away. */
export function keepStore(root: string): Lock {
  return takeLock(root, "store", LOCK.SH)!;
}

/** The same for who can't wait: undefined while somebody is throwing away. */
export function tryKeepStore(root: string): Lock | undefined {
  return takeLock(root, "store", LOCK.SH | LOCK.NB);
}

/** Nobody else is using the store; undefined if somebody is. */
export function lockStore(root: string): SoleLock | undefined {
  return takeLock(root, "store", LOCK.EX | LOCK.NB);
}

/** A lock of any name, below the same root. `operation` is one of LOCK; with NB, undefined while others hold it. */
export function takeLock(root: string, name: string, operation: number): SoleLock | undefined {
  const fd = naming(
    () => "cannot use the store",
    () => openLock(root, name),
  );
  const why = `others see that the ${name} is in use`;
  const result = performOne(step("flock", [fd, operation], { why, retry: ["EINTR"], allow: ["EAGAIN"] }));
  const share = () => void performOne(step("flock", [fd, LOCK.SH], { why, retry: ["EINTR"] }));
  if (result >= 0) return { share, close: () => closeSync(fd) };
  closeSync(fd);
  return undefined;
}

function openLock(root: string, name: string): number {
  makeFolder(join(root, "locks"));
  return openSync(join(root, "locks", name), "a");
}
