// `doctor`: what this machine can do, and how to mend what it can't. Exits with 0 if `run` works.

import { examine, isWell } from "../../10-containers/doctor/examine.ts";
import type { Finding } from "../../10-containers/doctor/finding.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { colours } from "../show/colours.ts";
import { padTo } from "../show/width.ts";

interface Asked {
  json: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["--json", "", "Print the findings as JSON", setters<Asked>().one("json", boolean)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false };
  if (readCommand({ name: "doctor", flags: FLAGS, asked }, argv) === undefined) return 0;
  const findings = await examine(roots);
  const ok = isWell(findings);
  process.stdout.write(asked.json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : letter(findings, ok));
  return ok ? 0 : 1;
}

const SIGNS = { ok: "✓", limited: "!", broken: "✗" };

function letter(findings: Finding[], ok: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  // What mends one thing often mends the next; it is said once.
  const isSaid = (index: number) => findings[index]!.mend === findings[index - 1]?.mend;
  const told = findings.map(({ mend, ...finding }, index) => (mend && !isSaid(index) ? { ...finding, mend } : finding));
  const lines = told.flatMap((finding) => linesOf(finding, width));
  const verdict = ok ? "Containers run on this machine." : "Containers don't run on this machine yet.";
  return `${[...lines, "", verdict].join("\n")}\n`;
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
