// A recorded run has a moment after each call. What differs between two of them is all the changes in between, put together:
// what came and went again is no difference.

import type { Change } from "../../src/10-containers/explain/changes.ts";
import type { RecordedStep } from "../../src/10-containers/explain/record.ts";

export type Sign = "+" | "−" | "~";

export function signOf({ before, after }: Change): Sign {
  return before === undefined ? "+" : after === undefined ? "−" : "~";
}

/** What is different after call `to` from what it was after call `from`; both are places in the list, from 0. */
export function differences(steps: RecordedStep[], from: number, to: number): Change[] {
  const [first, last] = from <= to ? [from, to] : [to, from];
  const found = new Map<string, Change>();
  for (const { changes } of steps.slice(first + 1, last + 1)) {
    for (const change of changes) {
      const key = `${change.area} ${change.name}`;
      found.set(key, joined(found.get(key), change));
    }
  }
  const kept = [...found.values()].filter(({ before, after }) => before !== after);
  return from <= to ? kept : kept.map(reversed);
}

function joined(earlier: Change | undefined, later: Change): Change {
  return earlier ? changeOf(later, earlier.before, later.after) : later;
}

function reversed(change: Change): Change {
  return changeOf(change, change.after, change.before);
}

function changeOf({ area, name }: Change, before: string | undefined, after: string | undefined): Change {
  return { area, name, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

/** In the order of their first change. */
export function byArea(changes: Change[]): { area: Change["area"]; changes: Change[] }[] {
  const areas = [...new Set(changes.map(({ area }) => area))];
  return areas.map((area) => ({ area, changes: changes.filter((change) => change.area === area) }));
}
