// A machine may be such that it can't have a bridge: its kernel lacks nf_tables, or its root may not make links. Who has
// named a network is told so. Who has named none hasn't asked for one: his container starts all the same and is alone,
// which is said once until the next boot.

import { existsSync, writeFileSync } from "node:fs";
import { SyscallError, UserError } from "../../01-syscalls/index.ts";
import { matchHost } from "../../08-network/index.ts";
import type { Roots } from "../folders.ts";
import type { RunOptions } from "../spec/options.ts";

/** What is wished for is fine, but not on this machine. */
export class Impossible extends UserError {}

/** Returns the numbers of the bridges by their network's name. The caller holds the lock. Throws Impossible. */
export function bridgesFor({ root, state }: Roots, { endpoints }: RunOptions): Map<string, number> {
  try {
    return matchHost(root, state);
  } catch (cause) {
    const names = endpoints.map(({ network }) => network).join(", ");
    const hint = cause instanceof UserError ? {} : { hint: "--network none or host asks nothing of it" };
    throw new Impossible(`this machine can't have the network ${names}`, { ...hint, cause });
  }
}

/** It is on a network only because nobody has said otherwise, and nothing of it leads there. */
export function canDoWithout({ isDefaultNetwork, ports, publishAll }: RunOptions): boolean {
  return isDefaultNetwork === true && ports.length === 0 && !publishAll;
}

/** A warning, or none if it was given already: a boot empties the folder in which that is noted. */
export function warnOnce({ state }: Roots, { message, cause }: Impossible): string[] {
  const note = `${state}/no-network`;
  if (existsSync(note)) return [];
  writeFileSync(note, "");
  const reason = cause === undefined ? "" : `: ${reasonOf(cause)}`;
  return [`${message}, so the container is alone (--network none says so)${reason}`];
}

function reasonOf(error: unknown): string {
  if (error instanceof SyscallError) return `${error.step.why}: ${error.code}`;
  const { message, cause } = error as Error;
  return cause === undefined ? message : `${message}: ${reasonOf(cause)}`;
}
