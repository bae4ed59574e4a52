// Several names on one command line: each is done whatever becomes of the others, and one that fails is said and makes
// the whole a failure.

import { findId } from "../10-containers/container.ts";
import type { Roots } from "../10-containers/folders.ts";
import { report } from "./show/report.ts";

/** Returns what to print, if anything. */
type Work = (name: string) => Promise<string | undefined>;

const FAILED = 1;

/** All at the same time, since stopping one may take ten seconds; printed in the order of the names. Returns the exit code. */
export async function allAtOnce(names: string[], work: Work): Promise<number> {
  const outcomes = names.map((name) => attempt(name, work));
  let code = 0;
  for (const outcome of outcomes) code = tell(await outcome) || code;
  return code;
}

/** All containers of these names at the same time; each name is printed once `work` has done its part. */
export function eachContainer(names: string[], roots: Roots, work: (id: string) => Promise<unknown>): Promise<number> {
  return allAtOnce(names, async (name) => {
    await work(findId(roots, name));
    return name;
  });
}

/** One behind the other. Returns the exit code. */
export async function oneByOne(names: string[], work: Work): Promise<number> {
  let code = 0;
  for (const name of names) code = tell(await attempt(name, work)) || code;
  return code;
}

type Outcome = { text: string | undefined } | { error: unknown };

async function attempt(name: string, work: Work): Promise<Outcome> {
  try {
    return { text: await work(name) };
  } catch (error) {
    return { error };
  }
}

function tell(outcome: Outcome): number {
  if ("error" in outcome) {
    report(outcome.error, FAILED);
    return FAILED;
  }
  if (outcome.text !== undefined) process.stdout.write(`${outcome.text}\n`);
  return 0;
}
