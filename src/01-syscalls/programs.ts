// The native programs, as descriptors to sealed copies in memory.
//
// A program that enters a container can be reached from inside as /proc/PID/exe. Were that a file on the host's disk,
// root in the container could write to it (CVE-2019-5736). A memfd with all seals set can't be written by anybody.

import { existsSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { step } from "./calls.ts";
import { UserError } from "./error.ts";
import { F, MFD, SEAL } from "./flags.ts";
import { performOne } from "./perform.ts";

export type Program = "launcher" | "monitor" | "init" | "probe" | "attacker";

const open = new Map<Program, number>();

/** A read-only, sealed, close-on-exec descriptor of the program; one per process, kept open. */
export function programFd(name: Program): number {
  const known = open.get(name);
  if (known !== undefined) return known;
  const fd = performOne(
    step("memfd_create", [`mini-docker-${name}`, MFD.CLOEXEC | MFD.ALLOW_SEALING], {
      why: "a program in memory that no container can write to",
    }),
  );
  writeSync(fd, readFileSync(programPath(name)));
  const seals = SEAL.SEAL | SEAL.SHRINK | SEAL.GROW | SEAL.WRITE;
  performOne(step("fcntl", [fd, F.ADD_SEALS, seals], { why: "from here on nobody can change it" }));
  open.set(name, fd);
  return fd;
}

/** Beside the bundle in a package, in native/build when run from the source tree. */
export function programPath(name: Program): string {
  const places = [`./native/${process.arch}/${name}`, `../native/build/${name}`, `../../native/build/${name}`];
  const found = places.map((place) => join(import.meta.dirname, place)).find((path) => existsSync(path));
  if (found) return found;
  throw new UserError(`the program "${name}" is not built for ${process.arch}`, {
    hint: "npm run build compiles it; that needs a C compiler (cc)",
  });
}
