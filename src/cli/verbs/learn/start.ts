// `learn start`: makes the workshop, or adds to it what is missing.

import { languageOf } from "../../../course/language.ts";
import { makeWorkshop } from "../../../course/make-workshop.ts";
import { findWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { writeAll } from "../../output.ts";
import { LEARN_WORDS } from "../../show/lesson/learn-words.ts";
import { fitted } from "../../show/wrap-words.ts";

interface Asked {
  lang?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["--lang", "string", "en or zh (default: as $LANG says)", setters<Asked>().one("lang", String)]],
];

/** Where it is, unless one says so. */
export const WORKSHOP = "workshop";

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = {};
  const summary = `Make your folder with the exercises, "${WORKSHOP}" or the one you are in; what is in it already stays`;
  const words = readCommand({ name: "learn start", operands: ["[dir]"], flags: FLAGS, asked, summary }, argv);
  if (words === undefined) return 0;
  const { folder, made } = makeWorkshop(words[0] ?? findWorkshop() ?? WORKSHOP);
  const say = LEARN_WORDS[languageOf(asked.lang)];
  const lines = made.length > 0 ? [say.workshop(folder), say.made(made.join(" "))] : [say.already(folder)];
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  const isThere = folder === process.cwd();
  const all = isThere ? lines : [...lines, say.go(folder)];
  writeAll(1, `${all.flatMap((line) => fitted(line, columns)).join("\n")}\n`);
  return 0;
}
