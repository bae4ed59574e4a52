// Standard input, output and error of whoever calls, which become the container's own.

import { fstatSync, statSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import type { Process } from "../spec/oci.ts";
import type { Stdio } from "../streams/stdio.ts";
import type { Console } from "./own-terminal.ts";

/** Throws UserError for a terminal that nobody would get. */
export function streamsOf({ terminal: tty = false, consoleSize }: Process, { console }: Console): Stdio {
  if (tty && !console) throw new UserError("cannot allocate tty for a detached process without setting console socket");
  if (!tty && console) throw new UserError("cannot use console socket if the process will not have a terminal");
  const size = consoleSize && { rows: consoleSize.height, columns: consoleSize.width };
  const where = console && ("fd" in console ? "given" : console);
  return { tty, interactive: true, callers: ownable(), ...(where && { console: where }), ...(size && { size }) };
}

/** A descriptor for the launcher, where the terminal comes to a socket of ours. */
export function consoleFds({ console }: Console): Record<string, number> {
  return console && "fd" in console ? { console: console.fd } : {};
}

/** Those that its user may own: /dev/null is everybody's. */
function ownable(): number[] {
  const nothing = statSync("/dev/null").rdev;
  return [0, 1, 2].filter((fd) => fstatSync(fd).rdev !== nothing);
}
