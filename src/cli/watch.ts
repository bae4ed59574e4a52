// Who looks on at a start: what `--explain`, `--step` and `--record` ask for. All of it goes to standard error, since
// standard output is the container's.

import { History } from "../10-containers/explain/ran.ts";
import { recordWatch } from "../10-containers/explain/record.ts";
import { type Watch, watchTogether } from "../10-containers/explain/watch.ts";
import { Keys } from "./flags/keys.ts";
import type { WatchAsked } from "./flags/watch-flags.ts";
import { writeAll } from "./output.ts";
import { colours } from "./show/colours.ts";
import { explanation, type Look } from "./show/explain.ts";
import { stepWatch } from "./show/step.ts";

/** `command` as it was typed. Throws UserError where what is asked can't be. */
export function watchFor({ explain, step, record }: WatchAsked, command: string[], image: string): Watch {
  const look = lookOf(process.stderr);
  const isWatched = process.stdin.isTTY && process.stderr.isTTY;
  return watchTogether([
    ...(step ? [stepWatch({ look, print, openKeys: isWatched ? () => new Keys() : undefined })] : []),
    ...(explain ? [explainWatch(look)] : []),
    ...(record === undefined ? [] : [recordWatch({ path: record, command, image })]),
  ]);
}

/** Prints the plan as it ran, once that is known. */
function explainWatch(look: Look): Watch {
  let history = new History([]);
  return {
    onPlan: (steps) => {
      history = new History(steps);
    },
    onStep: (traced) => {
      history.step(traced);
    },
    onEnd: (outcome) => {
      history.end(outcome);
      print(explanation(history.all, look));
    },
  };
}

/** As wide and as colourful as `output` can show. */
export function lookOf(output: NodeJS.WriteStream): Look {
  const columns = output.columns || Number(process.env.COLUMNS) || 100;
  return { columns: Math.min(200, Math.max(60, columns)), paint: colours(output) };
}

function print(text: string): void {
  writeAll(2, Buffer.from(text));
}
