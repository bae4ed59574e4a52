// English or Chinese: as one asks for it, or else as the rest of the machine speaks (locale(7)).

import { UserError } from "../01-syscalls/index.ts";
import type { Language } from "./lesson/lesson.ts";

/** The same in both languages. */
export type Said = Record<Language, string>;

/** Throws UserError for a language that nobody has translated this to. */
export function languageOf(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): Language {
  if (asked === undefined) return isChinese(env.LC_ALL || env.LC_MESSAGES || env.LANG || "") ? "zh" : "en";
  if (isChinese(asked)) return "zh";
  if (/^en\b/i.test(asked.replace("_", "-"))) return "en";
  throw new UserError(`there is no language "${asked}" here: only en and zh`);
}

function isChinese(locale: string): boolean {
  return /^zh\b/i.test(locale.replace("_", "-"));
}
