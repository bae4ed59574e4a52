// The arena's score card: a line for each attack, and below it what was seen.

import type { Score } from "../../10-containers/arena/arena.ts";
import { colours } from "./colours.ts";
import { wrapWords } from "./wrap-words.ts";

const SIGNS = { held: "✓", escaped: "✗", "not applicable": "–", "not performed": "?" };
const WIDTH = 100;
const INDENT = " ".repeat(4);

export function scoreLines({ name, cve = [], outcome, evidence }: Score, output: { isTTY?: boolean }): string {
  const paint = colours(output);
  const colour = { held: paint.green, escaped: paint.red, "not applicable": paint.dim, "not performed": paint.yellow };
  const about = cve.length > 0 ? paint.dim(`  ${cve.join(" ")}`) : "";
  const lines = wrapWords(`${outcome}: ${evidence}`, WIDTH - INDENT.length);
  return [`${colour[outcome](SIGNS[outcome])} ${name}${about}`, ...lines.map((line) => `${INDENT}${line}`), ""].join(
    "\n",
  );
}

export function scoreSummary(scores: readonly Score[]): string {
  const count = (wanted: Score["outcome"]) => scores.filter(({ outcome }) => outcome === wanted).length;
  const words = (Object.keys(SIGNS) as Score["outcome"][]).filter((outcome) => count(outcome) > 0);
  return `\n${scores.length} attack${scores.length === 1 ? "" : "s"}: ${words.map((outcome) => `${count(outcome)} ${outcome}`).join(", ")}.\n`;
}
