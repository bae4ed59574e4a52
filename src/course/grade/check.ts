// What a lesson's check.ts says. It holds no code that looks at anything: it names what a probe is to do (scenarios), what
// must then be true of it (goals), and what to say where it isn't (hints). Looking is the grader's part.
//
//   scenario ──► a runtime runs the probe ──► Seen (seen.ts) ──► goals ──► the first hint of a goal that isn't reached
//
// Goals ask the kernel, so any way of getting there is right. Words in `say` are for people: one or two short sentences.

import type { Seen, SeenCall } from "./seen.ts";

/** The same in both languages. */
export interface Say {
  en: string;
  zh: string;
}

/** The default export of `lessons/NN-name/check.ts`. */
export interface Check {
  /** Each is one start of the runtime. A check is quicker the fewer there are. */
  scenarios: Scenario[];
  /** In the order in which they are shown; a lesson passes when one run reaches all. */
  goals: Goal[];
}

/**
 * One start of the runtime: `RUNTIME run ROOTFS /PROBE WORD…`. What `probe` is told to do is drawn in native/probe.c.
 * Words in braces stand for what is known only then:
 *
 *     {key}     path of meter's key, a file of the host's outside of ROOTFS
 *     {keyFd}   number of a descriptor on that key, which the runtime inherits (with `leaksKey`)
 *     {meter}   process id of meter, a process of the host's (with `meter`)
 */
export interface Scenario {
  /** For goals to name, such as `escape`. */
  id: string;
  /**
   * The probe's words, `["wait", "escape", "{key}", "wait"]`. At each `wait` evidence is read; the first is
   * `seen.probe`, all of them are `seen.moments`. It begins with a `wait`: so it is seen with all its words before it does
   * anything, and what is an answer afterwards is its own.
   */
  probe: string[];
  /** More environment for the runtime, `{ MEMORY_BYTES: "33554432", PIDS_MAX: "16" }`. */
  env?: Record<string, string>;
  /** The runtime is started with meter's key open, at descriptor `{keyFd}`. */
  leaksKey?: boolean;
  /** There is a process called `meter`, as the same user as the runtime: `{meter}`. */
  meter?: boolean;
  /**
   * What ROOTFS is: a folder with the probe in it, unless said; an OCI image layout; the same with one byte of its layer
   * changed; or `/`, for a runtime that has nothing else yet.
   */
  rootfs?: "directory" | "image" | "tampered image" | "host";
}

/** Something that must be true of the probe. */
export interface Goal {
  /** Short and lasting, it is kept in progress.json: `no-way-back`. */
  id: string;
  /** The scenario whose `Seen` is asked; the first, unless said. */
  scenario?: string;
  /** What is reached, as a claim about the container: "no path leads back to the host". */
  goal: Say;
  /** Asked only where the probe was seen at its first `wait` (or ended, if it has none), unless `evenUnseen`. */
  reached(seen: Seen): boolean;
  /** The goal can be reached by not starting the probe, in a runtime that does start that of another scenario. */
  evenUnseen?: boolean;
  /** The goal can be reached by a probe that didn't come to its end. Others are not, whatever was seen by then. */
  evenKilled?: boolean;
  /** The first whose `when` holds is given. Where none does, the grader says what it saw. */
  hints: Hint[];
}

/** What is said to somebody who hasn't reached a goal, from what was seen. */
export interface Hint {
  /** Named after what they did, for `wrong/*.ts`: `no-umount`. */
  id: string;
  when(seen: Seen): boolean;
  /**
   * Three rungs, each alone: what is wrong, as it was seen → where to look → the answer. The first two name nothing
   * that only a right solution has: no call, no flag, no order.
   */
  say: [Say, Say, Say];
  /** The calls of the student's own list to be marked as useless or wrong. One that failed is marked anyway. */
  marks?(call: SeenCall, seen: Seen): boolean;
}
