// Who looks on at a start: what `--explain`, `--step` and `--record` ask for. All of it goes to standard error, since
// standard output is the container's.

import { historyWatch } from "../10-containers/explain/ran.ts";
import { recordWatch } from "../10-containers/explain/record.ts";
import { type Watch, watchTogether } from "../10-containers/explain/watch.ts";
import { languageOf } from "../course/language.ts";
import { Keys } from "./flags/keys.ts";
import type { WatchAsked } from "./flags/watch-flags.ts";
import { writeAll } from "./output.ts";
import { chineseFor } from "./show/chinese/catalogue.ts";
import { WHYS } from "./show/chinese/whys.ts";
import { colours } from "./show/colours.ts";
import { explanation, type Look } from "./show/explain.ts";
import { stepWatch } from "./show/step.ts";

/** `command` as it was typed. Throws UserError where what is asked can't be. */
export function watchFor({ explain, step, record, lang }: WatchAsked, command: string[], image: string): Watch {
  const look = lookOf(process.stderr, lang);
  const isWatched = process.stdin.isTTY && process.stderr.isTTY;
  return watchTogether([
    ...(step ? [stepWatch({ look, print, openKeys: isWatched ? () => new Keys() : undefined })] : []),
    ...(explain ? [explainWatch(look)] : []),
    ...(record === undefined ? [] : [recordWatch({ path: record, command, image })]),
  ]);
}

/** Prints the plan as it ran, once that is known. */
function explainWatch(look: Look): Watch {
  return historyWatch((all) => print(explanation(all, look)));
}

/** As wide and as colourful as `output` can show, and in the language that was asked for. */
export function lookOf(output: NodeJS.WriteStream, lang?: string): Look {
  const columns = output.columns || Number(process.env.COLUMNS) || 100;
  return { columns: Math.min(200, Math.max(60, columns)), paint: colours(output), ...sayIn(lang) };
}

function sayIn(lang: string | undefined): Pick<Look, "say"> {
  if (languageOf(lang) === "en") return {};
  return { say: (english) => chineseFor(english, [WHYS]) ?? english };
}

function print(text: string): void {
  writeAll(2, Buffer.from(text));
}
