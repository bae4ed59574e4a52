// koffi calls C functions from JavaScript; see koffi.dev. It comes with a binary for each kind of machine.
//
// The package's own way to its binary reads and compares a good deal first, and takes longer than a container to start.
// So the one for glibc is opened where npm puts it. Where it isn't there, or isn't the right one, koffi finds its own way.

import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Koffi from "koffi";

const require = createRequire(import.meta.filename);

export const koffi = (binaryForGlibc() ?? require("koffi")) as typeof Koffi;

function binaryForGlibc(): unknown {
  const { arch } = process;
  // In our own node_modules (seen from dist, and from src/01-syscalls), or beside us in somebody else's.
  const folders = ["../node_modules", "../../node_modules", "../.."];
  const paths = folders.map((folder) =>
    join(import.meta.dirname, folder, `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`),
  );
  const path = paths.find((each) => existsSync(each));
  return path === undefined || isMusl() ? undefined : open(path);
}

function open(path: string): unknown {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
    return module.exports;
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
