// One verb, carried out: loaded, called, and its failure said, with the exit code that failures of this verb have.

import type { Roots } from "../10-containers/folders.ts";
import type { VerbEntry } from "./verbs.ts";

export async function callVerb({ load, failure }: VerbEntry, argv: string[], roots: Roots): Promise<number> {
  try {
    const { verb } = await load();
    return await verb(argv, roots);
  } catch (error) {
    return reported(error, failure);
  }
}

/** Prints the error and returns the exit code: the error's own, or `failure`. */
export async function reported(error: unknown, failure = 1): Promise<number> {
  const { report } = await import("./show/report.ts");
  return report(error, failure);
}
