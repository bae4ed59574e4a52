// Programs in C of a few lines, compiled when a test needs them.

import { join } from "node:path";
import { compile } from "../../scripts/native.mjs";

const FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1"];

/** Compiles `NAME.c` of this folder and returns the program's path. */
export function fixture(name: string, ...flags: string[]): string {
  const source = join(import.meta.dirname, `${name}.c`);
  const output = join(import.meta.dirname, "../../native/build/fixtures", name);
  return compile({ source, output, flags: [...FLAGS, ...flags] });
}
