// A container is a list of system calls. This file says what an element of that list is.
//
// A step is data: nothing happens when one is made. TypeScript decides the list; the launcher (native/launcher.c) or
// `perform` (perform.ts) carries it out; `spell` (spell.ts) writes it down the way strace would.

import type { Errno } from "./errno.ts";
import type { CallName } from "./numbers.ts";

/** The name under which the result of one step is kept for later ones, e.g. `rootfs` for a descriptor. */
export type Register = string;

/** The value of a register, as an argument. */
export interface Ref {
  reg: Register;
}

/** Text with registers printed into it as decimal numbers: `{ text: ["/proc/self/fd/", { reg: "ns" }] }`. */
export interface Text {
  text: (string | Ref)[];
}

/** One field of a C structure. `name` and `spell` serve the reader, `type` and `value` the kernel. */
export interface Field {
  name: string;
  type: "u8" | "u16" | "u32" | "u64" | "pointer";
  value: number | bigint | Ref | Arg;
  /** Writes the number as words, e.g. `O.spell`. */
  spell?: (value: bigint) => string;
}

/** A structure in C's layout: each field aligned to its own size, little-endian. */
export interface Struct {
  struct: Field[];
}

/** One argument of a system call; the launcher never sees more than these shapes. */
export type Arg =
  | number
  | bigint
  | null
  | string
  | Uint8Array
  | Ref
  | Text
  | Struct
  /** A NULL-terminated array of strings, as `argv` and `envp` are. */
  | { strings: (string | Text)[] }
  /** C ints the kernel fills in; each becomes a register, as in `pipe2([read, write])`. As a field: one. */
  | { out: Register[] }
  /** A buffer of so many bytes for the kernel to write to; its contents are not looked at. */
  | { room: number };

export interface Step {
  /** The system call, under its man page's name. */
  call: CallName;
  args: Arg[];
  /** Why it is there: one line for somebody who has never read the man page. */
  why: string;
  /** Errors that are fine. The step's register then holds no value, and steps that use it are skipped. */
  allow?: Errno[];
  /** Errors after which the same call is made again. */
  retry?: Errno[];
  /** Keeps the result under this name. */
  as?: Register;
  /** A smaller result is a failure: a short write, or the end of file where a byte was awaited. */
  atLeast?: number;
  /**
   * What a read brings is netlink's word on an earlier message, and the errno in there is this step's. Holds for lists
   * that Node performs: the launcher doesn't look into what it reads.
   */
  reply?: "netlink";
  /** The stage whose decision this is, and its function: `02-rootfs`, `pivotSteps`. Set where plans are composed. */
  stage?: string;
  by?: string;
  /** The file of a student's module, where that stands in for ours. */
  file?: string;
}

/**
 * What becomes a container. clone3 is the last step of `before`; there the list splits.
 * `before` runs in the launcher, `inside` in its child, `beside` in the parent (this Node process) meanwhile.
 */
export interface Plan {
  before: Step[];
  beside: Step[];
  inside: Step[];
}

export const reg = (name: Register): Ref => ({ reg: name });

/** Registers every plan starts with. `control` is the socket between launcher and parent, `pid` the child's id. */
export const CONTROL = reg("control");
export const PID = reg("pid");
