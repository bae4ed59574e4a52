// `arena`: known escapes, performed. Exits with 0 if each was tried and none got out.

import { UserError } from "../../01-syscalls/index.ts";
import { attacksNamed, holdArena, RINGS, type Ring, type Score } from "../../10-containers/arena/arena.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean, integer } from "../flags/values.ts";
import { scoreLines, scoreSummary } from "../show/score-card.ts";

interface Asked {
  runtime?: string;
  json: boolean;
  tries?: number;
  without?: Ring[];
}

const set = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--json", "", "Print the score card as JSON", set.one("json", boolean)],
    ["--runtime", "name", "Attack another runtime: crun, runc, or a path", set.one("runtime", String)],
    ["--tries", "int", "How often each race is run (default: a few times)", set.one("tries", triesOf)],
    ["--without", "ring", `Turn a ring off: ${Object.keys(RINGS).join(", ")}`, set.many("without", ringOf)],
  ],
];

const SUMMARY = `Perform known escapes against containers of its own; say what became of them

  mini-docker arena                     this engine
  mini-docker arena chroot 2022-0492    those whose name or CVE has such words
  mini-docker arena --runtime crun      another runtime, the same containers
  mini-docker arena --without seccomp   which attacks come back?
  mini-docker arena --tries 1000        races need patience

What an attack wins it doesn't use: it opens files, and writes to its own.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false };
  const words = readCommand({ name: "arena", operands: ["[attack...]"], flags: FLAGS, asked, summary: SUMMARY }, argv);
  if (words === undefined) return 0;
  const { json, ...rest } = asked;
  const options = { ...rest, ...(words.length > 0 && { attacks: attacksNamed(words) }) };
  const show = (score: Score) => process.stdout.write(scoreLines(score, process.stdout));
  const scores = await holdArena(roots, options, json ? undefined : show);
  process.stdout.write(json ? `${JSON.stringify(scores, null, 2)}\n` : scoreSummary(scores));
  return scores.every(({ outcome }) => outcome === "held" || outcome === "not applicable") ? 0 : 1;
}

function triesOf(text: string): number {
  const tries = integer(text);
  if (tries < 1) throw new UserError("at least 1");
  return tries;
}

function ringOf(text: string): Ring {
  if (!Object.hasOwn(RINGS, text)) throw new UserError(`one of ${Object.keys(RINGS).join(", ")}`);
  return text as Ring;
}
