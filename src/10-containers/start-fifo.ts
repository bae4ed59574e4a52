// "Create" and "start" are two commands of an OCI runtime, and may be given by two processes. In between the container is
// there, with everything but its program: a process that waits for one byte of a named pipe (fifo(7)) on the host's disk.
//
//   create                            container                     start
//   ──────                            ─────────                     ─────
//   mkfifo, open it for both ways ──► …, its line to create is cut
//   exit                              read(fifo) ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄► open for writing, "go"
//                                     execve                        unlink
//
// It is opened for both ways so that neither side waits for the other to open it, and reading never meets its end. Whoever
// opens it for writing only, without waiting, is told (ENXIO) if nobody is there any more.

import { closeSync, openSync, writeSync } from "node:fs";
import { AT, closeStep, O, partSteps, performOne, reg, type Step, step, waitByteStep } from "../01-syscalls/index.ts";
import { keptAs } from "./keep-open.ts";

/** The register that holds it. */
export const START = "start";

/** Makes it, and lends `work` a descriptor of it. */
export function withStartFifo<T>(path: string, work: (fd: number) => T): T {
  const S_IFIFO = 0o010000;
  performOne(step("mknodat", [AT.FDCWD, path, S_IFIFO | 0o600, 0], { why: "somebody will say when to start" }));
  const fd = openSync(path, O.RDWR);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** In the container, when everything is as its program shall find it. */
export function waitForStartSteps(): Step[] {
  const fifo = reg(keptAs(START));
  return [
    ...partSteps("all is there but the program"),
    waitByteStep({ fd: fifo, why: "until somebody says: start" }),
    closeStep({ fd: fifo, why: "which is said once" }),
  ];
}

/** Says so. Throws where nobody waits. */
export function sayStart(path: string): void {
  const fd = openSync(path, O.WRONLY | O.NONBLOCK);
  try {
    writeSync(fd, "s");
  } finally {
    closeSync(fd);
  }
}
