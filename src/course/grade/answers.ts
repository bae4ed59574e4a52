// What the probe has answered so far: it writes into its own command line, which everybody may read (native/probe.c).
//
//   /probe-1f wait grow 64 wait          told
//   /probe-1f 0 grow 64 wait             it was let go on once, and takes memory
//   /probe-1f 0 12 64 wait               it has come to ENOMEM, and waits again

import { errnoName } from "../../01-syscalls/index.ts";
import { procText } from "./processes.ts";

/** A word of the probe's, with what was said after it. */
export interface Asked {
  word: string;
  argument?: string;
  /** Of all words. */
  at: number;
}

const ALONE = ["wait", "exec-self"];

/** `["wait", "grow", "64"]` → two. */
export function askedIn(words: readonly string[]): Asked[] {
  const asked: Asked[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (ALONE.includes(word)) asked.push({ word, at });
    else asked.push({ word, argument: words[++at] ?? "", at: at - 1 });
  }
  return asked;
}

/** How far it is: what it has answered, and the word it is at. */
export interface Told {
  /** By `word argument`: `OK` or the name of an errno. */
  answers: Record<string, string>;
  /** undefined: it is done. */
  current?: Asked;
  /** It has other words than it was to be told, so its answers are to something else. */
  isChanged: boolean;
}

/** `words` as they were said to it, `named` the same as the scenario has them. */
export function toldBy(pid: number, words: readonly string[], named: readonly string[]): Told | undefined {
  const line = procText(pid, "cmdline");
  if (!line) return undefined;
  // Where an answer is shorter than its word, NULs fill the place.
  const now = line.split("\0").filter((word) => word !== "");
  const asked = askedIn(named);
  const offset = now.length - words.length;
  // What another program by that name has there is no number.
  const isAnswered = ({ at }: Asked) => /^\d+$/.test(now[offset + at] ?? "");
  const answered = asked.filter((each) => isAnswered(each) && each.word !== "wait");
  const current = asked.find((each) => !isAnswered(each));
  const done = asked.filter(({ at }) => at < (current?.at ?? words.length)).map(({ at }) => at);
  return {
    answers: Object.fromEntries(answered.map((each) => [spoken(each), outcomeOf(now[offset + each.at])])),
    ...(current && { current }),
    isChanged: offset !== 1 || words.some((word, at) => now[offset + at] !== word && !done.includes(at)),
  };
}

/** `grow 64`, as goals ask for it. */
export function spoken({ word, argument }: Asked): string {
  return argument === undefined ? word : `${word} ${argument}`;
}

function outcomeOf(text = ""): string {
  return text === "0" ? "OK" : errnoName(Number(text));
}
