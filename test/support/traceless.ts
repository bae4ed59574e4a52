// Around each file of kernel tests: one at a time on this machine, in a temporary folder of its own, and nothing may be
// left when it ends. What the kernel or a dying process takes a moment to let go of is given that moment.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { differences, type Inventory, MARK, takeInventory } from "./inventory.ts";

const SETTLE_MS = 5_000;
const WAIT_FOR_OTHERS_MS = 30 * 60_000;
const HANGING_MS = 10 * 60_000;

// `os.tmpdir()` follows TMPDIR, in this process and in all that it starts: their folders are inside ours. Short, because
// a socket's path has only 108 bytes.
const folder = mkdtempSync("/tmp/md-");
process.env.TMPDIR = folder;
process.env[MARK] = folder;

let release: () => Promise<void>;
let before: Inventory;

beforeAll(async () => {
  release = await takeTurn();
  before = takeInventory();
}, WAIT_FOR_OTHERS_MS);

afterAll(async () => {
  const left = await settle();
  await release();
  rmSync(folder, { recursive: true, force: true });
  if (left.length > 0) throw new Error(["The host is not as it was before these tests:", ...left].join("\n  "));
});

/**
 * The whole machine is looked at, so two runs on it would each find the other's containers. flock(1) keeps the lock as
 * long as its input is open, so it also lets go when we are killed. And it kills us when we hang: a system call that
 * blocks this process blocks the timeout of its tests as well.
 */
async function takeTurn(): Promise<() => Promise<void>> {
  const watch = `echo mine; timeout ${HANGING_MS / 1000} cat; [ $? != 124 ] || { echo "$0 hung" >&2; kill -KILL $1; }`;
  const { testPath = "a test" } = expect.getState();
  const args = ["/tmp/mini-docker-tests.lock", "sh", "-c", watch, testPath, String(process.pid)];
  const { [MARK]: _, ...env } = process.env;
  const lock = spawn("flock", args, { stdio: ["pipe", "pipe", "inherit"], env });
  await Promise.race([once(lock.stdout, "data"), once(lock, "error")]);
  return async () => {
    if (lock.pid === undefined) return;
    lock.stdin.end();
    await once(lock, "close");
  };
}

/** What is different in every look taken. What somebody else on this machine makes and removes meanwhile isn't. */
async function settle(): Promise<string[]> {
  const deadline = Date.now() + SETTLE_MS;
  let left = differences(before, takeInventory());
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(50);
    const now = differences(before, takeInventory());
    left = left.filter((line) => now.includes(line));
  }
  return left;
}
