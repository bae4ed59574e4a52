// Where a student is, and the commands that lead on from there, as they are typed in the workshop.

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { type Language, readLesson } from "../../../course/lesson/index.ts";
import { nextLesson } from "../../../course/next-lesson.ts";
import { readProgress } from "../../../course/progress.ts";
import { exerciseFile } from "../../../course/workshop.ts";
import { LEARN_WORDS } from "./learn-words.ts";

type Step = [command: string, about: string];

export function nextSteps(workshop: string, language: Language): string[] {
  const say = LEARN_WORDS[language];
  const name = nextLesson(readProgress(workshop));
  if (name === undefined) return [say.done];
  const { number, title } = readLesson(name, language);
  const exercise: Step[] = [
    [`./mini-docker learn check ${number}`, say.write(`${name}.ts`)],
    [`./mini-docker learn hint ${number}`, say.stuck],
  ];
  const steps: Step[] = [
    [`./mini-docker learn read ${number}`, say.read],
    ["./mini-docker learn lab", say.lab],
    ...(existsSync(exerciseFile(workshop, name)) ? exercise : []),
  ];
  const here = relative(process.cwd(), workshop);
  return [
    say.where(number, title),
    "",
    ...(here === "" ? [] : [`  cd ${here.startsWith("..") ? workshop : here}`]),
    ...steps.map(([command, about]) => `  ${command.padEnd(30)} # ${about}`),
    "",
  ];
}
