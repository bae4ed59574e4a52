// A plan's lists as one, in the order they really run. Where parent and child run at the same time the order is the one
// that their waiting for each other guarantees: what the parent does before "go" comes before what the child does after
// it. What the launcher goes on to do (`after`: it becomes the monitor) is guaranteed before the last "go" and no sooner.

import { isAwait, isGo, type ListName, type Plan, type Step } from "../../01-syscalls/index.ts";

export interface Ordered {
  list: ListName;
  index: number;
  step: Step;
}

export function inOrder({ before, beside, inside }: Plan, after: Step[] = []): Ordered[] {
  const parent = ordered("beside", beside);
  const lastGo = parent.findLastIndex(({ step }) => isGo(step));
  parent.splice(Math.max(lastGo, 0), 0, ...ordered("after", after));
  const child = ordered("inside", inside);
  const rest = child.flatMap((entry) => (isAwait(entry.step) ? [...takeThrough(parent, isGo), entry] : [entry]));
  return [...ordered("before", before), ...rest, ...parent];
}

function ordered(list: ListName, steps: Step[]): Ordered[] {
  return steps.map((step, index) => ({ list, index, step }));
}

/** Removes and returns the entries up to the first that `isLast` holds for. */
function takeThrough(entries: Ordered[], isLast: (step: Step) => boolean): Ordered[] {
  const last = entries.findIndex(({ step }) => isLast(step));
  return entries.splice(0, last < 0 ? entries.length : last + 1);
}
