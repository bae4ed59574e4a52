// An escape that somebody once published, as something that can be done again: to a container made for it, by a program in
// it that means harm. Whoever wrote an engine believes that it holds; an attack that was performed knows.

import type { Ground } from "./ground.ts";

export interface Attack {
  /** What it does, as the attacker would say it. */
  name: string;
  /** Under which it was published; some ways out are older than such numbers. */
  cve?: string[];
  /** Throws where it can't be performed: that is no verdict. */
  perform(ground: Ground): Promise<Verdict>;
}

export interface Verdict {
  outcome: "held" | "escaped" | "not applicable";
  /** What was seen, in words. */
  evidence: string;
}

export const escaped = (evidence: string): Verdict => ({ outcome: "escaped", evidence });
export const held = (evidence: string): Verdict => ({ outcome: "held", evidence });
export const notApplicable = (evidence: string): Verdict => ({ outcome: "not applicable", evidence });

/** Escaped with what was got, if anything was; else held. */
export function verdictOn(got: readonly string[], evidence: { escaped: string; held: string }): Verdict {
  return got.length > 0 ? escaped(`${evidence.escaped}: ${[...new Set(got)].join(", ")}`) : held(evidence.held);
}

/** For what has not been tried: an attack whose program didn't run has shown nothing. */
export class NotPerformed extends Error {}
