import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { identify, isAlive, isBusy } from "../../src/10-containers/identity.ts";

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** A process that has printed a line and goes on with `then`. Its name would mislead who splits at spaces. */
async function process(then: string): Promise<number> {
  const child = spawn("sh", ["-c", `printf ') S 1 (' > /proc/self/comm; echo; ${then}`]);
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid!;
}

test("who has something to do is busy, and who sleeps or is gone is not", async () => {
  const [spins, sleeps] = [await process("while :; do :; done"), await process("read line")];
  await expect.poll(() => isBusy(spins)).toBe(true);
  await expect.poll(() => isBusy(sleeps)).toBe(false);
  const known = [spins, sleeps].map(identify);
  expect(known.map(isAlive)).toEqual([true, true]);

  for (const child of children) child.kill("SIGKILL");
  await expect.poll(() => known.map(isAlive)).toEqual([false, false]);
  expect(isBusy(spins)).toBe(false);
});
