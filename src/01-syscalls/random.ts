// Bytes that nobody can guess, from the kernel: random(4). Node's crypto module would do, but loading it takes a tenth of
// the time that all of `run` has.

import { closeSync, openSync, readSync } from "node:fs";

export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const device = openSync("/dev/urandom", "r");
  readSync(device, bytes);
  closeSync(device);
  return bytes;
}
