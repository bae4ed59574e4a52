// What the verbs of the course have in common: which language, how it looks, where a student's module is run.

import { languageOf } from "../../course/language.ts";
import { colours } from "../show/colours.ts";
import type { ResultLook } from "../show/grade/result.ts";
import { inkFor, inkOf } from "../show/lesson/ink.ts";
import { stageTitle } from "../show/stage-titles.ts";
import { type Flag, setters } from "./flags.ts";
import { boolean } from "./values.ts";

export interface CourseAsked {
  lang?: string;
  plain: boolean;
  json: boolean;
}

export interface PlaceAsked {
  onHost: boolean;
}

const asks = setters<CourseAsked>();

export const COURSE_FLAGS: Flag<CourseAsked>[] = [
  ["--json", "", "Print the result as JSON", asks.one("json", boolean)],
  ["--lang", "string", "en or zh (default: as $LANG says)", asks.one("lang", String)],
  ["--plain", "", "Without colours and signs", asks.one("plain", boolean)],
];

export const PLACE_FLAGS: Flag<PlaceAsked>[] = [
  ["--on-host", "", "Run your module on this machine, not in a lab", setters<PlaceAsked>().one("onHost", boolean)],
];

const [NARROW, WIDE] = [40, 100];

/** Throws UserError for a language that there isn't. */
export function lookOf(lesson: string, { lang, plain }: CourseAsked): ResultLook {
  const columns = process.stdout.columns ?? (Number(process.env.COLUMNS) || 80);
  const ink = plain ? inkOf(0, true) : inkFor(process.stdout);
  const title = stageTitle(lesson, colours(plain ? {} : process.stdout));
  return { language: languageOf(lang), columns: Math.min(WIDE, Math.max(NARROW, columns)), ink, title, hasMore: true };
}
