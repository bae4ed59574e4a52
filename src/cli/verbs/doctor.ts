// `doctor`: what this machine can do, and how to mend what it can't. Exits with 0 if `run` works.

import { examine, isWell } from "../../10-containers/doctor/examine.ts";
import type { Finding } from "../../10-containers/doctor/finding.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { labFinding } from "../../course/lab.ts";
import { languageOf } from "../../course/language.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { doctorLetter } from "../show/doctor-letter.ts";

interface Asked {
  json: boolean;
  lang?: string;
}

const set = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--json", "", "Print the findings as JSON", set.one("json", boolean)],
    ["--lang", "string", "en or zh (default: as $LANG says)", set.one("lang", String)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false };
  if (readCommand({ name: "doctor", flags: FLAGS, asked }, argv) === undefined) return 0;
  const language = languageOf(asked.lang);
  const findings = withLab(await examine(roots), roots);
  const ok = isWell(findings);
  // Programs that read it look for names, which are the same everywhere.
  const text = asked.json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : doctorLetter(findings, ok, language);
  process.stdout.write(text);
  return ok ? 0 : 1;
}

/** Only where containers run at all is there more to say. */
function withLab(findings: Finding[], roots: Roots): Finding[] {
  return isWell(findings) ? [...findings, labFinding(roots)] : findings;
}
