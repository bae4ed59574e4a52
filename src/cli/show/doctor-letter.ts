// What was found out about this machine, as a letter: a line for each thing, and below it why it is lacking and how to mend it.

import type { Finding } from "../../10-containers/doctor/finding.ts";
import type { Language } from "../../course/lesson/lesson.ts";
import { chineseFor } from "./chinese/catalogue.ts";
import { DOCTOR } from "./chinese/doctor.ts";
import { colours } from "./colours.ts";
import { displayWidth, padTo } from "./width.ts";

const SIGNS = { ok: "✓", limited: "!", broken: "✗" };

export function doctorLetter(findings: Finding[], isWell: boolean, language: Language): string {
  const verdict = isWell ? "Containers run on this machine." : "Containers don't run on this machine yet.";
  return `${[...findingLines(findings, language), "", sayIn(language)(verdict)].join("\n")}\n`;
}

export function findingLines(findings: Finding[], language: Language): string[] {
  const said = findings.map((finding) => translated(finding, sayIn(language)));
  const width = Math.max(...said.map(({ name }) => displayWidth(name))) + 2;
  // What mends one thing often mends the next; it is said once.
  const isSaid = (index: number) => said[index]!.mend === said[index - 1]?.mend;
  const told = said.map(({ mend, ...finding }, index) => (mend && !isSaid(index) ? { ...finding, mend } : finding));
  return told.flatMap((finding) => linesOf(finding, width));
}

type Say = (english: string) => string;

function sayIn(language: Language): Say {
  return (english) => (language === "en" ? english : (chineseFor(english, [DOCTOR]) ?? english));
}

export function translated({ name, status, found, why, mend }: Finding, say: Say): Finding {
  return {
    name: say(name),
    status,
    found: say(found),
    ...(why !== undefined && { why: say(why) }),
    ...(mend !== undefined && { mend: say(mend) }),
  };
}

function linesOf({ name, status, found, why, mend }: Finding, width: number): string[] {
  const paint = colours(process.stdout);
  const colour = { ok: paint.green, limited: paint.yellow, broken: paint.red }[status];
  const indent = " ".repeat(width + 2);
  return [
    `${colour(SIGNS[status])} ${padTo(name, width)}${found}`,
    ...(why === undefined ? [] : [`${indent}${paint.dim(why)}`]),
    ...(mend === undefined ? [] : [`${indent}${paint.cyan(`→ ${mend}`)}`]),
  ];
}
