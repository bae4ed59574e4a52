// A hole in a file: the next byte is written further on (lseek(2)), and what lies between reads as zeros that no disk has
// stored. A hole at the end is the size that the file is given.

import { performOne, step } from "../01-syscalls/index.ts";

const SEEK_CUR = 1;

/** The next `writeSync` without a position goes `length` bytes further on. Give the file its size at the end. */
export function skipHole(fd: number, length: number): void {
  performOne(step("lseek", [fd, length, SEEK_CUR], { why: "nothing is stored here" }));
}
