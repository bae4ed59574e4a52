// `learn texts`: what `npm run lessons` calls, for those who write lessons. Fills code in, says what is stale or wrong.

import { relative } from "node:path";
import { lessonNamed } from "../../../course/lesson/folder.ts";
import { fillAll, markTranslated, problemsOf } from "../../../course/lesson/upkeep.ts";
import { writeDown } from "../../../course/lesson/write-down.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { writeAll } from "../../output.ts";

interface Asked {
  check: boolean;
  translated?: string;
  record?: string;
}

const set = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--check", "", "Change nothing, and exit with 1 if something would be", set.one("check", boolean)],
    ["--record", "string", "Run this lesson's commands, and write down what they print", set.one("record", String)],
    ["--translated", "string", "The Chinese text of this lesson is up to date", set.one("translated", String)],
  ],
];

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = { check: false };
  const summary = "Fill the lessons' code in, and say what is stale";
  if (readCommand({ name: "learn texts", flags: FLAGS, asked, summary }, argv) === undefined) return 0;
  if (asked.record !== undefined) await writeDown(lessonNamed(asked.record));
  const outdated = fillAll({ write: !asked.check });
  if (asked.translated !== undefined) markTranslated(lessonNamed(asked.translated));
  const drifted = outdated.map((path) => `${relative("", path)}: its code is ${asked.check ? "not " : ""}filled in`);
  const problems = problemsOf();
  for (const line of [...drifted, ...problems]) writeAll(1, `${line}\n`);
  return problems.length > 0 || (asked.check && outdated.length > 0) ? 1 : 0;
}
