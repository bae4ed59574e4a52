// `learn read`: a lesson in the terminal. Step by step for a person; all of it at once into a pager or a pipe.

import { UserError } from "../../../01-syscalls/index.ts";
import { languageOf } from "../../../course/language.ts";
import { type Language, lessonNamed, lessonNames, readLesson } from "../../../course/lesson/index.ts";
import { machineKind } from "../../../course/lesson/rehearse.ts";
import { revealOf } from "../../../course/lesson/reveal.ts";
import { nextLesson } from "../../../course/next-lesson.ts";
import { changeProgress, hasPassed, readProgress } from "../../../course/progress.ts";
import { exerciseFile, findWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { writeAll } from "../../output.ts";
import { colours } from "../../show/colours.ts";
import { inkFor, inkOf } from "../../show/lesson/ink.ts";
import { nextSteps } from "../../show/lesson/next-steps.ts";
import { type PageLook, type Piece, piecesOf } from "../../show/lesson/page.ts";
import { throughPager } from "../../show/lesson/pager.ts";
import { readStepwise } from "../../show/lesson/stepwise.ts";
import { stageTitle } from "../../show/stage-titles.ts";

interface Asked {
  lang?: string;
  plain: boolean;
  pager: boolean;
}

const set = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--lang", "string", "en or zh (default: as $LANG says)", set.one("lang", String)],
    ["--pager", "", "Through $PAGER, and not step by step", set.one("pager", boolean)],
    ["--plain", "", "All of it at once, without colours and frames", set.one("plain", boolean)],
  ],
];

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = { plain: false, pager: false };
  const line = { name: "learn read", operands: ["[lesson]"], flags: FLAGS, asked, summary: "Read a lesson" };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const workshop = findWorkshop();
  const name = words[0] === undefined ? lessonToGoOnWith(workshop) : lessonNamed(words[0]);
  const lesson = readLesson(name, languageOf(asked.lang));
  const pieces = piecesOf(lesson, lookFor(name, workshop, asked.plain));
  const isRead = await shown(pieces, lesson.language, asked);
  if (isRead && workshop !== undefined) {
    changeProgress(workshop, name, (known) => ({ ...known, read: new Date().toISOString() }));
    if (process.stdout.isTTY) writeAll(1, `${nextSteps(workshop, lesson.language).join("\n")}\n`);
  }
  return 0;
}

function lessonToGoOnWith(workshop: string | undefined): string {
  const progress = workshop === undefined ? { lessons: {} } : readProgress(workshop);
  const name = nextLesson(progress) ?? lessonNames().at(-1);
  if (name === undefined) throw new UserError("there are no lessons in this package");
  return name;
}

function lookFor(name: string, workshop: string | undefined, isPlain: boolean): PageLook {
  const isShown = workshop !== undefined && hasPassed(readProgress(workshop), name);
  return {
    badge: stageTitle(name, colours(process.stdout)).badge,
    columns: process.stdout.columns ?? (Number(process.env.COLUMNS) || 80),
    ink: isPlain ? inkOf(0, true) : inkFor(process.stdout),
    machine: machineKind(),
    reveal: (block) => (isShown ? revealOf(block, exerciseFile(workshop, name)) : undefined),
  };
}

/** Whether it was read to its end, as far as one can know. */
async function shown(pieces: Piece[], language: Language, { plain, pager }: Asked): Promise<boolean> {
  const isPerson = process.stdin.isTTY && process.stdout.isTTY;
  if (isPerson && !plain && !pager) return readStepwise(pieces, { language, ink: inkFor(process.stdout) });
  const text = `${pieces.map(({ lines }) => lines.join("\n")).join("\n\n")}\n`;
  if (pager && isPerson) await throughPager(text);
  else writeAll(1, text);
  return isPerson;
}
