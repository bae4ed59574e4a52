// `learn reset`: an exercise as it was at first.

import { basename } from "node:path";
import { lessonAtHand } from "../../../course/grade/attempt.ts";
import { checkedLessons, lessonNamed } from "../../../course/grade/lesson.ts";
import { resetExercise } from "../../../course/grade/reset.ts";
import { languageOf } from "../../../course/language.ts";
import { requireWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { writeAll } from "../../output.ts";
import { WORDS } from "../../show/grade/words.ts";

interface Asked {
  lang?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["--lang", "string", "en or zh (default: as $LANG says)", setters<Asked>().one("lang", String)]],
];

const SUMMARY = `Put an exercise back as it was; your file is kept beside it

Without a lesson it is the one where you are.`;

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = {};
  const line = { name: "learn reset", operands: ["[lesson]"], flags: FLAGS, asked, summary: SUMMARY };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const say = WORDS[languageOf(asked.lang)];
  const workshop = requireWorkshop();
  const lesson = words[0] === undefined ? lessonAtHand(workshop) : lessonNamed(words[0], checkedLessons());
  const { path, kept } = resetExercise(workshop, lesson);
  writeAll(1, `${say.reset(basename(path))}\n${kept === undefined ? "" : `${say.kept(basename(kept))}\n`}`);
  return 0;
}
