// koffi calls C functions from JavaScript; see koffi.dev. It comes with a binary for each kind of machine.
//
// The package's own way to its binary reads and compares a good deal first, and takes longer than a container to start.
// So the one for glibc is asked for by name. Where that isn't the right one, the package finds its own way.

import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Koffi from "koffi";

const require = createRequire(import.meta.filename);

export const koffi = (binaryForGlibc() ?? require("koffi")) as typeof Koffi;

function binaryForGlibc(): unknown {
  try {
    return isMusl() ? undefined : require(`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`);
  } catch {
    return undefined;
  }
}

/** The program's first bytes name the loader it needs, which belongs to its C library: elf(5), PT_INTERP. */
function isMusl(): boolean {
  const start = Buffer.alloc(4096);
  const fd = openSync(process.execPath, "r");
  readSync(fd, start);
  closeSync(fd);
  return start.includes("/ld-musl-");
}
