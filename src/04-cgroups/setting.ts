// A limit, in the end, is a text in a file. Each controller's page (memory.ts, cpu.ts, …) says which text in which file,
// for v1 and for v2 side by side: the ideas are the same, the words are not.

import type { Resources } from "./resources.ts";

export interface Setting {
  /** The controller whose directory the file is in, under the kernel's name. */
  controller: string;
  file: string;
  value: string;
  why: string;
  /** Some kernels lack the file: then the container runs without. Never set for what protects the host. */
  isOptional?: true;
}

/** What can't be had on this version: it is left out, and the user told, in Docker's words. */
export interface Discarded {
  discarded: string;
}

export interface Limiter {
  /** What users call it, for errors. */
  name: string;
  v1Name: string;
  v2Name: string;
  v1(asked: Resources): (Setting | Discarded)[];
  v2(asked: Resources): (Setting | Discarded)[];
  /**
   * What to say if the controller is nowhere and all that was asked is a preference, such as a share of what is left
   * over. `undefined`: it is a limit somebody relies on, and the container must not start without.
   */
  preference?(asked: Resources): string | undefined;
}

export const isSetting = (one: Setting | Discarded): one is Setting => "file" in one;

/** -1 is how v1 and the OCI specification write "no limit"; v2 says it in a word. */
export const orMax = (value: number): string => (value < 0 ? "max" : String(value));
