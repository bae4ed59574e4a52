// What one can ask to see of a start. Nobody looks on at most of them, and then nothing of it is loaded.

import type { Watch } from "../../10-containers/explain/watch.ts";
import { type FlagGroup, setters } from "./flags.ts";
import { boolean } from "./values.ts";

export interface WatchAsked {
  explain: boolean;
  step: boolean;
  /** A file. */
  record?: string;
  /** What it is said in, `zh`. */
  lang?: string;
}

export const NOT_WATCHED: WatchAsked = { explain: false, step: false };

const watch = setters<WatchAsked>();

export const WATCH_FLAGS: FlagGroup<WatchAsked> = [
  "See what happens:",
  ["--explain", "", "Print every system call as it ran, and why", watch.one("explain", boolean)],
  ["--step", "", "Make the calls one by one, showing what each changes", watch.one("step", boolean)],
  ["--record", "file", "Write what each call changed as JSON", watch.one("record", (given) => given)],
  ["--lang", "string", "Say why in this language: en or zh (default: as $LANG says)", watch.one("lang", String)],
];

/** Who looks on. `command` is as it was typed. Throws UserError where what is asked can't be. */
export async function watchOf(asked: WatchAsked, command: string[], image: string): Promise<Watch> {
  const { explain, step, record } = asked;
  if (!explain && !step && record === undefined) return {};
  const { watchFor } = await import("../watch.ts");
  return watchFor(asked, command, image);
}
