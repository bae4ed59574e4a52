// What is taken away again: links, and rules. It takes the kernel long, for a bridge 50 ms, since it waits until no
// processor has any of it in hand. Nobody who runs a command has to wait for that. So it is noted, and when whoever holds
// the lock is done with networks, a process of its own sees to it. That has the lock so long: who changes networks next
// finds that all is gone.

import {
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  launch,
  partSteps,
  perform,
  reap,
  reg,
  type Step,
  step,
} from "../01-syscalls/index.ts";
import { netlinkStep } from "./netlink.ts";

const noted: Step[] = [];

/** The caller holds the lock. `requests` are for a socket in the register `netlink`. */
export function takeDownLater(protocol: number, requests: readonly Step[]): void {
  if (requests.length === 0) return;
  const close = step("close", [reg("netlink")], { why: "it is gone" });
  noted.push(netlinkStep(protocol, "netlink"), ...requests, close);
}

/** For those who are told that it is gone. The caller holds the lock. */
export function takeDownNow(): void {
  perform(noted.splice(0));
}

/** For those whose links and rules are gone already. The caller holds the lock. */
export function takeDownNever(): void {
  noted.length = 0;
}

/** Lets `lock` go when all is gone that was noted; the descriptor itself is the caller's to close. */
export function takeDownAside(lock: number): void {
  const steps = noted.splice(0);
  if (steps.length === 0) return;
  const plan = {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is for another program" }),
      cloneStep({ flags: 0, why: "a process that nobody waits for" }),
    ],
    beside: [],
    inside: [...partSteps("nobody has to wait for what comes now"), ...steps],
  };
  try {
    reap(launch(plan, { fds: { lock } }).launcherPid, true);
  } catch {
    // Then we wait ourselves.
    perform(steps);
  }
}
