// The C programs as tests want them: as they are shipped, under the sanitizers, or small fixtures on libc.

import { join } from "node:path";
import { compile } from "../../scripts/native.mjs";

const root = join(import.meta.dirname, "../..");

const HOSTED = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-result", "-g", "-O1"];

/** -DHOSTED gives the program libc's start; any finding then ends it with a message on stderr. */
const SANITIZED = [...HOSTED, "-DHOSTED", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/** Compiles `native/NAME.c` and returns the program's path; a program that is up to date isn't compiled again. */
export function buildNative(name: string, { sanitize = false } = {}): string {
  const source = join(root, "native", `${name}.c`);
  return sanitize
    ? compile({ source, output: join(root, "native/build/sanitized", name), flags: SANITIZED })
    : compile({ source, output: join(root, "native/build", name) });
}

/** Compiles `test/fixtures/NAME.c`, which may use libc, and returns the program's path. A static one runs in any image. */
export function buildFixture(name: string, { isStatic = false } = {}): string {
  const source = join(root, "test/fixtures", `${name}.c`);
  const flags = isStatic ? [...HOSTED, "-static"] : HOSTED;
  return compile({ source, output: join(root, "native/build/fixtures", name), flags });
}
